using System.Text;

namespace ServiceDefaults.Settings;

/// <summary>A file with one text, as secrets are mounted: UTF-8 of at most 64 KiB. Line breaks at its end are not of the text.</summary>
/// <param name="Text">Null when it cannot be read.</param>
/// <param name="Fault">The expectation that the file does not meet; null for none.</param>
public readonly record struct TextFile(string? Text, string? Fault)
{
    private const int MaxBytes = 64 << 10;
    private const string Empty = "expected a file with text; it is empty, or no regular file";

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads the text, or the expectation that the file does not meet.</summary>
    public static TextFile Read(string path)
    {
        try
        {
            // To open a pipe would wait for its writer. It has no length, as an empty file and a device have none.
            if (new FileInfo(PathLinks.Resolve(Path.GetFullPath(path))) is { Exists: true, Length: 0 })
            {
                return new TextFile(null, Empty);
            }

            using var file = File.OpenRead(path);
            var bytes = new byte[MaxBytes + 1];
            var length = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            if (length > MaxBytes)
            {
                return new TextFile(null, $"expected a file of at most {MaxBytes} bytes");
            }

            var text = Utf8.GetString(bytes, 0, length).TrimStart('\uFEFF').TrimEnd('\r', '\n');
            return string.IsNullOrWhiteSpace(text) ? new TextFile(null, Empty) : new TextFile(text, null);
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
