using System.Text;

namespace ServiceDefaults.Settings;

/// <summary>A file with one text, as secrets are mounted: UTF-8 of at most 64 KiB. Line breaks at its end are not of the text.</summary>
/// <param name="Text">Null when it cannot be read.</param>
/// <param name="Fault">The expectation that the file does not meet; null for none.</param>
/// <param name="IsPipe">True for a file that gives its text once.</param>
public readonly record struct TextFile(string? Text, string? Fault, bool IsPipe = false)
{
    private const int MaxBytes = 64 << 10;

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads the text, or the expectation that the file does not meet.</summary>
    public static TextFile Read(string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            var bytes = new byte[MaxBytes + 1];
            var length = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            return length > MaxBytes
                ? new TextFile(null, $"expected a file of at most {MaxBytes} bytes")
                : new TextFile(Utf8.GetString(bytes, 0, length).TrimStart('\uFEFF').TrimEnd('\r', '\n'), null, IsPipe: !file.CanSeek);
        }
        catch (DecoderFallbackException)
        {
            return new TextFile(null, "expected a file in UTF-8");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return new TextFile(null, $"expected a file that can be read ({exception.Message.TrimEnd('.')})");
        }
    }
}
