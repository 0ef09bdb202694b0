using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using ServiceDefaults.Settings;

namespace ServiceDefaults.Logging;

/// <summary>The levels of <c>Logging:LogLevel</c>. The framework would throw for a bad one before settings are checked.</summary>
internal static class LogLevels
{
    private const string Section = "Logging";
    private const string Levels = "LogLevel";

    /// <summary>Takes the bad levels out of the configuration; the returned check names them once settings are checked.</summary>
    public static Action<SettingsReader> Check(IConfiguration configuration)
    {
        var section = configuration.GetSection(Section);
        var bad = section.GetChildren().Select(static provider => provider.GetSection(Levels)).Prepend(section.GetSection(Levels))
            .SelectMany(static levels => levels.GetChildren()).Where(static level => level.Value is { Length: > 0 } text && !IsLevel(text))
            .Select(static level => (level.Path, Text: level.Value!)).ToList();
        foreach (var (path, _) in bad)
        {
            configuration[path] = null;
        }

        return settings =>
        {
            foreach (var (path, text) in bad)
            {
                settings.Refuse(SettingsReader.NameOf(path), text, $"expected {string.Join(", ", Enum.GetNames<LogLevel>()[..^1])} or {nameof(LogLevel.None)}");
            }
        };
    }

    private static bool IsLevel(string text) => Enum.TryParse<LogLevel>(text, ignoreCase: true, out var level) && Enum.IsDefined(level);
}
