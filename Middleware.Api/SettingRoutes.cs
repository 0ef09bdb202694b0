using Microsoft.AspNetCore.Http.HttpResults;
using Middleware.Http;
using ServiceDefaults.Settings;

namespace Middleware;

/// <summary>The route that shows the settings in force.</summary>
internal static class SettingRoutes
{
    public static void MapSettings(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/api/v1/settings", List).WithTags("Settings").Needs(Scopes.Operate | Scopes.Admin);

    /// <summary>Lists the settings of the replica that answers, as they were at its start, without secrets.</summary>
    private static Ok<ListPage<SettingItem>> List(IConfiguration configuration)
    {
        var given = new SettingsReader(configuration);
        var files = given.Files.ToDictionary(static file => file.Setting, static file => file.Path, StringComparer.OrdinalIgnoreCase);
        return TypedResults.Ok(new ListPage<SettingItem>([.. Setting.All.Select(setting => new SettingItem(setting, given, files.GetValueOrDefault($"{setting.Name}_FILE")))], NextCursor: null));
    }
}

/// <summary>A setting in force.</summary>
internal sealed class SettingItem(Setting setting, SettingsReader given, string? file)
{
    /// <summary>The environment variable.</summary>
    public string Name => setting.Name;

    /// <summary>
    /// The value in force as text: that of its start, or the default. Null for a secret, for the text of a file, and for a setting that has neither.
    /// </summary>
    public string? Value => setting.IsSecret || file is not null ? null
        : given.Text(setting.Name) is { Length: > 0 } text ? text
        : Default;

    /// <summary>The default; null for a setting without one, or with one of the machine.</summary>
    public string? Default => setting.Default.Length > 0 ? setting.Default : null;

    /// <summary>True when the configuration has it.</summary>
    public bool IsGiven => given.IsGiven(setting.Name);

    /// <summary>The path of the file with its text; null where none is given.</summary>
    public string? File => file;
}
