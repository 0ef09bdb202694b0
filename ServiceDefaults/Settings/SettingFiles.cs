using System.Collections.Concurrent;
using System.Text;
using Microsoft.Extensions.Configuration;

namespace ServiceDefaults.Settings;

/// <summary>
/// The settings that are given as files: <c>X_FILE</c> names the file with the text of the setting <c>X</c>, as Docker and Kubernetes mount secrets. A
/// file is UTF-8 of at most 64 KiB; line breaks at its end are not of the text. It is read once, but for <see cref="SecretSettings"/>.
/// </summary>
internal sealed class SettingFiles(IConfigurationRoot configuration) : ConfigurationProvider, IConfigurationSource
{
    public const string Suffix = "_FILE";

    private const int MaxBytes = 64 << 10;

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly ConcurrentDictionary<string, Reading> _read = new(StringComparer.Ordinal);

    public IConfigurationProvider Build(IConfigurationBuilder builder) => this;

    /// <summary>The text of a setting's file. False without one, or with a faulty one, which <see cref="FaultOf"/> names.</summary>
    public override bool TryGet(string key, out string? value)
    {
        value = PathOf(configuration, key) is { } path && !IsGivenAsText(key) ? ReadOnce(path).Text : null;
        return value is not null;
    }

    /// <summary>The path of a setting's file; null for a setting without one.</summary>
    public static string? PathOf(IConfiguration configuration, string name) =>
        !name.EndsWith(Suffix, StringComparison.OrdinalIgnoreCase)
        && configuration[name.Replace("__", ConfigurationPath.KeyDelimiter, StringComparison.Ordinal) + Suffix] is { Length: > 0 } path ? path : null;

    /// <summary>The expectation that a setting's file does not meet; null when it meets all, or the setting has none.</summary>
    public static string? FaultOf(IConfiguration configuration, string name) =>
        Of(configuration) is { } files && PathOf(configuration, name) is { } path
            ? files.IsGivenAsText(name) ? $"expected it or {SettingsReader.NameOf(name)}, not both" : files.ReadOnce(path).Fault
            : null;

    /// <summary>Reads the file of a setting again; a pipe gives its text no second time. The text of before stands while the file is faulty.</summary>
    /// <returns>True when the text is another, and the expectation that the file does not meet.</returns>
    public static (bool IsChanged, string? Fault) ReadAgain(IConfiguration configuration, string name)
    {
        if (Of(configuration) is not { } files || PathOf(configuration, name) is not { } path || files.ReadOnce(path) is not { IsPipe: false } before)
        {
            return default;
        }

        var now = Read(path);
        if (now.Fault is not null || now.Text == before.Text)
        {
            return (false, now.Fault);
        }

        files._read[path] = now;
        return (true, null);
    }

    private static SettingFiles? Of(IConfiguration configuration) => (configuration as IConfigurationRoot)?.Providers.OfType<SettingFiles>().FirstOrDefault();

    private bool IsGivenAsText(string name) => configuration.Providers.Any(provider => provider != this && provider.TryGet(name, out _));

    private Reading ReadOnce(string path) => _read.GetOrAdd(path, Read);

    private static Reading Read(string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            var bytes = new byte[MaxBytes + 1];
            var length = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            return length > MaxBytes
                ? new Reading(null, $"expected a file of at most {MaxBytes} bytes")
                : new Reading(Utf8.GetString(bytes, 0, length).TrimStart('\uFEFF').TrimEnd('\r', '\n'), null, IsPipe: !file.CanSeek);
        }
        catch (DecoderFallbackException)
        {
            return new Reading(null, "expected a file in UTF-8");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return new Reading(null, $"expected a file that can be read ({exception.Message.TrimEnd('.')})");
        }
    }

    private readonly record struct Reading(string? Text, string? Fault, bool IsPipe = false);
}
