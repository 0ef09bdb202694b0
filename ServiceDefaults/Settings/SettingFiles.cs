using System.Collections.Concurrent;
using Microsoft.Extensions.Configuration;

namespace ServiceDefaults.Settings;

/// <summary>
/// The settings that are given as files: <c>X_FILE</c> names the file with the text of the setting <c>X</c>, as Docker and Kubernetes mount secrets. A
/// file is read once, but for <see cref="SecretSettings"/>.
/// </summary>
internal sealed class SettingFiles(IConfigurationRoot configuration) : ConfigurationProvider, IConfigurationSource
{
    public const string Suffix = "_FILE";

    private readonly ConcurrentDictionary<string, TextFile> _read = new(StringComparer.Ordinal);

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

    /// <summary>Reads the file of a setting again. The text of before stands while the file is faulty.</summary>
    /// <returns>True when the text is another, and the expectation that the file does not meet.</returns>
    public static (bool IsChanged, string? Fault) ReadAgain(IConfiguration configuration, string name)
    {
        if (Of(configuration) is not { } files || PathOf(configuration, name) is not { } path)
        {
            return default;
        }

        var (before, now) = (files.ReadOnce(path), TextFile.Read(path));
        if (now.Fault is not null || now.Text == before.Text)
        {
            return (false, now.Fault);
        }

        files._read[path] = now;
        return (true, null);
    }

    private static SettingFiles? Of(IConfiguration configuration) => (configuration as IConfigurationRoot)?.Providers.OfType<SettingFiles>().FirstOrDefault();

    private bool IsGivenAsText(string name) => configuration.Providers.Any(provider => provider != this && provider.TryGet(name, out _));

    private TextFile ReadOnce(string path) => _read.GetOrAdd(path, TextFile.Read);
}
