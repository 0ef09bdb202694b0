using System.Buffers;
using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;

namespace ServiceDefaults.Settings;

/// <summary>
/// Reads settings by the name of their environment variable and notes every bad one, so that a failed start names all of them at once. An empty
/// number or duration counts as not given. A setting may be given as a file (<c>X_FILE</c>), whose text is never shown.
/// </summary>
public sealed class SettingsReader(IConfiguration configuration)
{
    private static readonly SearchValues<char> SchemeLetters = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");

    private readonly List<string> _failures = [];

    /// <summary>One sentence for each bad setting: its name, its value, what is expected.</summary>
    public IReadOnlyList<string> Failures => _failures;

    /// <summary>The settings of a command that starts no service, from the sources of the service's.</summary>
    public static SettingsReader ForCommand(string[] arguments)
    {
        var configuration = WebApplication.CreateBuilder(arguments).Configuration;
        ((IConfigurationBuilder)configuration).Add(new SettingFiles(configuration));
        return new SettingsReader(configuration);
    }

    /// <summary>A whole number within bounds.</summary>
    public int Whole(string name, int fallback, int min, int max)
    {
        if (Text(name) is not { Length: > 0 } text)
        {
            return fallback;
        }

        if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && value >= min && value <= max)
        {
            return value;
        }

        Refuse(name, text, $"expected a whole number from {min} to {max}");
        return fallback;
    }

    /// <summary>A whole number within bounds, with a default written as the setting is.</summary>
    public int Whole(string name, string fallback, int min, int max) =>
        Whole(name, int.Parse(fallback, CultureInfo.InvariantCulture), min, max);

    /// <summary>A duration within bounds, both written as <see cref="Duration"/> reads them.</summary>
    public TimeSpan Duration(string name, string fallback, string min, string max)
    {
        var text = Text(name) is { Length: > 0 } given ? given : fallback;

        if (Settings.Duration.TryParse(text, out var value) && value >= Parse(min) && value <= Parse(max))
        {
            return value;
        }

        Refuse(name, text, $"expected a duration such as 3s, 500ms or 1m30s, from {min} to {max}");
        return Parse(fallback);
    }

    /// <summary>Durations within bounds, separated by commas; none when it is given empty.</summary>
    public IReadOnlyList<TimeSpan> Durations(string name, string fallback, string min, string max, int mostEntries)
    {
        var text = Text(name) ?? fallback;
        var entries = Entries(text);
        var values = new List<TimeSpan>(entries.Count);
        foreach (var entry in entries)
        {
            if (Settings.Duration.TryParse(entry, out var value) && value >= Parse(min) && value <= Parse(max))
            {
                values.Add(value);
            }
        }

        if (values.Count != entries.Count || values.Count > mostEntries)
        {
            Refuse(name, text, $"expected at most {mostEntries} durations from {min} to {max}, such as 1m,5m,1h, or nothing");
        }

        return values;
    }

    /// <summary>An absolute http or https address without credentials; null when it is given empty.</summary>
    public Uri? HttpUrl(string name, string fallback, string example)
    {
        var text = Text(name) ?? fallback;
        if (text.Length == 0)
        {
            return null;
        }

        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https") || !HasHost(url))
        {
            Refuse(name, WithoutCredentials(text), $"expected an http or https URL such as {example}, or nothing for none");
            return null;
        }

        if (url.UserInfo.Length > 0)
        {
            Refuse(name, WithoutCredentials(text), "expected a URL without user name and password");
            return null;
        }

        return url;
    }

    /// <summary>Refuses a value outside some words, in any case.</summary>
    public void CheckOneOf(string name, IReadOnlyList<string> accepted)
    {
        if (Text(name) is { Length: > 0 } text && !accepted.Contains(text, StringComparer.OrdinalIgnoreCase))
        {
            Refuse(name, text, $"expected one of {string.Join(", ", accepted)}");
        }
    }

    /// <summary>Text as it stands, null when not given or when its file is faulty.</summary>
    public string? Text(string name)
    {
        if (SettingFiles.FaultOf(configuration, name) is not { } fault)
        {
            return configuration[name];
        }

        _failures.Add($"{NameOf(name)}{SettingFiles.Suffix}: \"{SettingFiles.PathOf(configuration, name)}\" is not accepted; {fault}.");
        return null;
    }

    /// <summary>True for a setting with a text or a file, be it faulty.</summary>
    public bool IsGiven(string name) => SettingFiles.PathOf(configuration, name) is not null || configuration[name] is { Length: > 0 };

    /// <summary>The path of the file with a setting's text; null where none is given.</summary>
    public string? FileOf(string name) => SettingFiles.PathOf(configuration, name);

    /// <summary>The settings that are given as files, with <c>_FILE</c>, and the paths of these.</summary>
    public IReadOnlyList<(string Setting, string Path)> Files =>
    [
        .. from given in configuration.AsEnumerable()
           where given.Key.EndsWith(SettingFiles.Suffix, StringComparison.OrdinalIgnoreCase) && given.Value is { Length: > 0 }
           select (NameOf(given.Key), given.Value),
    ];

    /// <summary>Settings of a framework, named with colons.</summary>
    public IConfigurationSection Section(string path) => configuration.GetSection(path);

    /// <summary>Splits at commas and trims; an empty entry counts, a blank text has none.</summary>
    public static IReadOnlyList<string> Entries(string text) => string.IsNullOrWhiteSpace(text) ? [] : text.Split(',', StringSplitOptions.TrimEntries);

    /// <summary>The environment variable of a setting that is named with colons.</summary>
    public static string NameOf(string path) => path.Replace(":", "__", StringComparison.Ordinal);

    /// <summary>The setting that a key stands for: without <c>_FILE</c>, if it names the file of a setting.</summary>
    public static string WithoutFile(string key) =>
        key.EndsWith(SettingFiles.Suffix, StringComparison.OrdinalIgnoreCase) ? key[..^SettingFiles.Suffix.Length] : key;

    /// <summary>Notes a bad setting.</summary>
    public void Refuse(string name, string value, string accepted) => _failures.Add(
        SettingFiles.PathOf(configuration, name) is { } path
            ? $"{name}{SettingFiles.Suffix}: the text of \"{path}\" is not accepted; {accepted}."
            : $"{name}: \"{value}\" is not accepted; {accepted}.");

    /// <summary>A text as it may be shown: without a possible user name and password, and without a query, also where it is no URL.</summary>
    public static string WithoutCredentials(string text)
    {
        const string SchemeEnd = "://";
        if (text.LastIndexOf('@') is >= 0 and var at)
        {
            // A password that was not encoded may have any character: all before the last @ may be part of it.
            var scheme = text.IndexOf(SchemeEnd, 0, at, StringComparison.Ordinal) is > 0 and var end && text.AsSpan(0, end).IndexOfAnyExcept(SchemeLetters) < 0 ? text[..(end + SchemeEnd.Length)] : "";
            text = $"{scheme}***{text[at..]}";
        }

        return text.IndexOf('?', StringComparison.Ordinal) is >= 0 and var query ? $"{text[..query]}?***" : text;
    }

    /// <summary>True for a host. False too for a name that international names may not have, which fails only where it is used.</summary>
    private static bool HasHost(Uri url)
    {
        try
        {
            return url.IdnHost.Length > 0;
        }
        catch (UriFormatException)
        {
            return false;
        }
    }

    private static TimeSpan Parse(string text) =>
        Settings.Duration.TryParse(text, out var value) ? value : throw new FormatException($"'{text}' is no duration");
}
