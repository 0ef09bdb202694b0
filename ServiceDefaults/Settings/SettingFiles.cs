using System.Collections.Concurrent;
using System.Text;
using Microsoft.Extensions.Configuration;

namespace ServiceDefaults.Settings;

/// <summary>
/// The settings that are given as files: <c>X_FILE</c> names the file with the text of the setting <c>X</c>, as Docker and Kubernetes mount secrets. A
/// file is UTF-8 of at most 64 KiB; line breaks at its end are not of the text. It is read once: a pipe gives its text no second time.
/// </summary>
internal sealed class SettingFiles(IConfigurationRoot configuration) : ConfigurationProvider, IConfigurationSource
{
    public const string Suffix = "_FILE";

    private const int MaxBytes = 64 << 10;

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly ConcurrentDictionary<string, (string? Text, string? Fault)> _read = new(StringComparer.Ordinal);

    public IConfigurationProvider Build(IConfigurationBuilder builder) => this;

    /// <summary>The text of a setting's file. False without one, or with a faulty one, which <see cref="FaultOf"/> names.</summary>
    public override bool TryGet(string key, out string? value)
    {
        value = PathOf(configuration, key) is { } path && !IsGivenAsText(key) ? Read(path).Text : null;
        return value is not null;
    }

    /// <summary>The path of a setting's file; null for a setting without one.</summary>
    public static string? PathOf(IConfiguration configuration, string name) =>
        !name.EndsWith(Suffix, StringComparison.OrdinalIgnoreCase)
        && configuration[name.Replace("__", ConfigurationPath.KeyDelimiter, StringComparison.Ordinal) + Suffix] is { Length: > 0 } path ? path : null;

    /// <summary>The expectation that a setting's file does not meet; null when it meets all, or the setting has none.</summary>
    public static string? FaultOf(IConfiguration configuration, string name) =>
        (configuration as IConfigurationRoot)?.Providers.OfType<SettingFiles>().FirstOrDefault() is { } files && PathOf(configuration, name) is { } path
            ? files.IsGivenAsText(name) ? $"expected it or {SettingsReader.NameOf(name)}, not both" : files.Read(path).Fault
            : null;

    private bool IsGivenAsText(string name) => configuration.Providers.Any(provider => provider != this && provider.TryGet(name, out _));

    private (string? Text, string? Fault) Read(string path) => _read.GetOrAdd(path, static path =>
    {
        try
        {
            using var file = File.OpenRead(path);
            var bytes = new byte[MaxBytes + 1];
            var length = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            return length > MaxBytes
                ? (null, $"expected a file of at most {MaxBytes} bytes")
                : (Utf8.GetString(bytes, 0, length).TrimStart('\uFEFF').TrimEnd('\r', '\n'), null);
        }
        catch (DecoderFallbackException)
        {
            return (null, "expected a file in UTF-8");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return (null, $"expected a file that can be read ({exception.Message.TrimEnd('.')})");
        }
    });
}
