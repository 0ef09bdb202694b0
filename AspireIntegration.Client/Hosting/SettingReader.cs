using System.Globalization;
using AspireIntegration.Client.Json;
using AspireIntegration.Client.Publishing;
using Microsoft.Extensions.Configuration;

namespace AspireIntegration.Client.Hosting;

/// <summary>Reads the settings of a client from the configuration. All faults are found at once.</summary>
internal static class SettingReader
{
    public const string Section = "Aspire:AspireIntegration:Client";

    private const string Duration = "a duration such as 500ms, 1m30s or 00:01:30";

    /// <summary>Each setting with its type in the schema, its way into the settings, and the values that are accepted.</summary>
    public static readonly IReadOnlyList<(string Name, string Type, Func<AspireIntegrationClientSettings, string, bool> Set, string Expected)> Known =
    [
        ("Endpoint", "string", static (into, text) => Uri.TryCreate(text, UriKind.Absolute, out var address) && ConnectionText.IsAddress(address) && Is(into.Endpoint = address), ConnectionText.Address),
        ("Key", "string", static (into, text) => text.Length > 0 && Is(into.Key = text), "an API key"),
        ("KeyFile", "string", static (into, text) => text.Length > 0 && Is(into.KeyFile = text), "the path of a file"),
        ("DisableHealthChecks", "boolean", static (into, text) => Flag(text, out var value) && (into.DisableHealthChecks = value) == value, "true or false"),
        ("DisableTracing", "boolean", static (into, text) => Flag(text, out var value) && (into.DisableTracing = value) == value, "true or false"),
        ("DisableMetrics", "boolean", static (into, text) => Flag(text, out var value) && (into.DisableMetrics = value) == value, "true or false"),
        ("Retry:Limit", "string", static (into, text) => Time(text, out var value) && Is(into.Retry.Limit = value), Duration),
        ("Retry:BaseDelay", "string", static (into, text) => Time(text, out var value) && Is(into.Retry.BaseDelay = value), Duration),
        ("Retry:MaxDelay", "string", static (into, text) => Time(text, out var value) && Is(into.Retry.MaxDelay = value), Duration),
        ("Retry:AttemptTimeout", "string", static (into, text) => Time(text, out var value) && Is(into.Retry.AttemptTimeout = value), Duration),
        ("Buffer:Capacity", "integer", static (into, text) => Number(text, out var value) && Is(into.Buffer.Capacity = value), "a whole number"),
        ("Buffer:BatchSize", "integer", static (into, text) => Number(text, out var value) && Is(into.Buffer.BatchSize = value), "a whole number"),
        ("Buffer:WhenFull", "string", static (into, text) => Rule(text, out var value) && Is(into.Buffer.WhenFull = value), "Wait or Refuse"),
    ];

    /// <summary>The settings of a client by its name: those of its own section replace those of all.</summary>
    /// <exception cref="InvalidOperationException">Some are not valid.</exception>
    public static AspireIntegrationClientSettings Read(IConfiguration configuration, string name, Action<AspireIntegrationClientSettings>? configure)
    {
        var settings = new AspireIntegrationClientSettings();
        var own = $"{Section}:{name}";
        List<string> faults = [.. Read(configuration.GetSection(Section), settings)];

        // A key of its own takes the place of the file of all, and the other way round.
        var (key, file) = (settings.Key, settings.KeyFile);
        (settings.Key, settings.KeyFile) = (null, null);
        faults.AddRange(Read(configuration.GetSection(own), settings));
        (settings.Key, settings.KeyFile) = settings is { Key: null, KeyFile: null } ? (key, file) : (settings.Key, settings.KeyFile);
        if (configuration.GetSection("ConnectionStrings")[name] is { Length: > 0 } text)
        {
            faults.AddRange(ConnectionText.Read(name, text, settings));
        }

        configure?.Invoke(settings);
        settings.Endpoint ??= new Uri($"https+http://{name}");
        faults.AddRange(settings.Faults(own));
        return faults.Count == 0 ? settings : throw new InvalidOperationException(string.Join('\n', faults));
    }

    private static IEnumerable<string> Read(IConfigurationSection section, AspireIntegrationClientSettings into)
    {
        foreach (var (name, _, set, expected) in Known)
        {
            if (section[name] is { } text && !set(into, text))
            {
                yield return $"{section.Path}:{name} {(MayBeSecret(name, text) ? "" : $"\"{text}\" ")}is not valid; expected {expected}";
            }
        }

        var groups = section.GetChildren().Where(static child => child.Key is "Retry" or "Buffer").SelectMany(static group => group.GetChildren());
        foreach (var child in section.GetChildren().Concat(groups).Where(static child => child.Value is not null))
        {
            var name = child.Path[(section.Path.Length + 1)..];
            if (!Known.Any(known => known.Name.Equals(name, StringComparison.OrdinalIgnoreCase)))
            {
                yield return $"{child.Path} is not a setting; expected one of {string.Join(", ", Known.Select(static known => known.Name))}";
            }
        }
    }

    /// <summary>True for a key, and for an address with a user name or a query.</summary>
    private static bool MayBeSecret(string name, string text) => name is "Key" || (name is "Endpoint" && text.AsSpan().ContainsAny('@', '?'));

    private static bool Flag(string text, out bool value) => bool.TryParse(text, out value);

    private static bool Number(string text, out int value) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);

    private static bool Time(string text, out TimeSpan value) =>
        // Days alone would be a number without a unit.
        DurationText.TryParse(text, out value) || (text.Contains(':', StringComparison.Ordinal) && TimeSpan.TryParseExact(text, "c", CultureInfo.InvariantCulture, out value));

    private static bool Rule(string text, out WhenBufferFull value) =>
        Enum.TryParse(text, ignoreCase: true, out value) && text.Equals(value.ToString(), StringComparison.OrdinalIgnoreCase);

    /// <summary>True, once a value is set.</summary>
    private static bool Is<T>(T value) => value is not null;
}
