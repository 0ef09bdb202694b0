using Microsoft.Extensions.Configuration;

namespace ServiceDefaults.Settings;

/// <summary>
/// The settings that are given as files: <c>X_FILE</c> names the file with the text of the setting <c>X</c>, as Docker and Kubernetes mount secrets. A
/// file is UTF-8 of at most 64 KiB; line breaks at its end are not of the text.
/// </summary>
internal sealed class SettingFiles(IConfigurationRoot configuration) : ConfigurationProvider, IConfigurationSource
{
    public const string Suffix = "_FILE";

    private const int MaxBytes = 64 << 10;

    public IConfigurationProvider Build(IConfigurationBuilder builder) => this;

    /// <summary>The text of a setting's file. False without one, or with a faulty one, which <see cref="FaultOf"/> names.</summary>
    public override bool TryGet(string key, out string? value)
    {
        value = null;
        return PathOf(configuration, key) is { } path && !IsGivenAsText(configuration, key) && Read(path, out value) is null;
    }

    /// <summary>The path of a setting's file; null for a setting without one.</summary>
    public static string? PathOf(IConfiguration configuration, string name) =>
        !name.EndsWith(Suffix, StringComparison.OrdinalIgnoreCase)
        && configuration[name.Replace("__", ConfigurationPath.KeyDelimiter, StringComparison.Ordinal) + Suffix] is { Length: > 0 } path ? path : null;

    /// <summary>The expectation that a setting's file does not meet; null when it meets all, or the setting has none.</summary>
    public static string? FaultOf(IConfiguration configuration, string name) =>
        PathOf(configuration, name) is not { } path ? null
        : IsGivenAsText(configuration, name) ? $"expected it or {SettingsReader.NameOf(name)}, not both"
        : Read(path, out _);

    private static bool IsGivenAsText(IConfiguration configuration, string name) =>
        configuration is IConfigurationRoot root && root.Providers.Any(provider => provider is not SettingFiles && provider.TryGet(name, out _));

    private static string? Read(string path, out string? text)
    {
        text = null;
        try
        {
            if (new FileInfo(path) is { Exists: true, Length: > MaxBytes })
            {
                return $"expected a file of at most {MaxBytes} bytes";
            }

            text = File.ReadAllText(path).TrimEnd('\r', '\n');
            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return $"expected a file that can be read ({exception.Message.TrimEnd('.')})";
        }
    }
}
