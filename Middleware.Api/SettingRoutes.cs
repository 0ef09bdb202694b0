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
    private static Ok<ListPage<SettingItem>> List(SettingsInForce settings) => TypedResults.Ok(new ListPage<SettingItem>(settings.All, NextCursor: null));
}

/// <summary>The settings as they were read at the start: what a file of the configuration says later is in force at the next one.</summary>
internal sealed record SettingsInForce(IReadOnlyList<SettingItem> All)
{
    public static SettingsInForce Read(SettingsReader given) => new([.. Setting.All.Select(setting => SettingItem.Read(setting, given))]);
}

/// <summary>A setting in force.</summary>
/// <param name="Name">The environment variable.</param>
/// <param name="Value">
/// The value in force as text: that of its start, or the default. Null for a secret, for the text of a file, and for a setting that has neither.
/// </param>
/// <param name="Default">The default; null for a setting without one, or with one of the machine.</param>
/// <param name="IsGiven">True when the configuration has it.</param>
/// <param name="File">The path of the file with its text; null where none is given.</param>
internal sealed record SettingItem(string Name, string? Value, string? Default, bool IsGiven, string? File)
{
    public static SettingItem Read(Setting setting, SettingsReader given)
    {
        var file = given.FileOf(setting.Name);
        var byDefault = setting.Default.Length > 0 ? setting.Default : null;
        var value = setting.IsSecret || file is not null ? null : given.Text(setting.Name) is { Length: > 0 } text ? text : byDefault;
        return new SettingItem(setting.Name, value, byDefault, given.IsGiven(setting.Name), file);
    }
}
