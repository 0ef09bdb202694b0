using System.Text.Json;
using System.Text.Json.Nodes;
using Middleware.Events;
using Middleware.Http;
using ServiceDefaults.Settings;

namespace Middleware.Endpoints;

/// <summary>
/// Reads the declared endpoints, for operators who keep them in git: the built-in one, and the children of the section <c>Endpoints</c>. A child's
/// key is the id; its members are those of the API, and <c>secret</c>.
/// </summary>
internal sealed class DeclaredEndpoints(IConfiguration configuration, EndpointBody body, BuiltInEndpoint builtIn)
{
    private const string Section = "Endpoints";
    private const string Schedule = "redelivery_schedule";
    private const int MaxIdLength = 64;

    /// <exception cref="SettingsException">With all faults, a sentence each.</exception>
    public IReadOnlyList<WebhookEndpoint> Read()
    {
        var failures = new SettingsReader(configuration);
        if (configuration[Section] is { Length: > 0 } text)
        {
            failures.Refuse(Section, text, $"it is a section; expected settings such as {Section}__pager__url");
        }

        List<WebhookEndpoint> read = [.. configuration.GetSection(Section).GetChildren().Select(section => Read(section, failures)).OfType<WebhookEndpoint>()];
        return failures.Failures.Count == 0 ? [.. builtIn.Endpoint is { } own ? [own] : (WebhookEndpoint[])[], .. read] : throw new SettingsException(failures.Failures);
    }

    private WebhookEndpoint? Read(IConfigurationSection section, SettingsReader failures)
    {
        var id = section.Key.ToLowerInvariant();
        if (!IsId(id))
        {
            failures.Refuse(
                $"{Section}__{section.Key}", section.Key, $"expected an id of 1 to {MaxIdLength} of a-z, 0-9, _ and -, other than default and not beginning with ep_");
            return null;
        }

        var json = (ToJson(section, isOfNames: false, failures) as JsonObject ?? []).ToJsonString();
        var given = new RequestReader(JsonElement.Parse(json), new Dictionary<string, string[]>()) { IsText = true };
        var endpoint = body.ReadDeclared(given, new EndpointId(id));
        given.RefuseTheRest();
        foreach (var (member, fault) in given.Errors)
        {
            failures.Refuse($"{Section}__{section.Key}__{EnvironmentName(member)}", Shown(section, member, given), string.Join("; ", fault));
        }

        return endpoint;
    }

    private static bool IsId(string id) =>
        id is { Length: <= MaxIdLength } and not "default"
        && !id.StartsWith("ep_", StringComparison.Ordinal)
        && id.All(static character => char.IsAsciiLetterLower(character) || char.IsAsciiDigit(character) || character is '_' or '-');

    /// <summary>
    /// The section as a JSON object of the API, with every value as text. The keys of a configuration have no case, except the names of headers. The
    /// text of a member may be in a file.
    /// </summary>
    private static JsonNode? ToJson(IConfigurationSection section, bool isOfNames, SettingsReader settings)
    {
        var children = section.GetChildren().ToList();
        if (children.Count == 0)
        {
            return ToJson(section.Key, section.Value);
        }

        if (children[0].Key == "0")
        {
            return new JsonArray([.. children.Select(child => ToJson(child, isOfNames: false, settings))]);
        }

        var json = new JsonObject();
        foreach (var child in children)
        {
            var name = SettingsReader.WithoutFile(child.Key);
            json[isOfNames ? name : name.ToLowerInvariant()] = name == child.Key
                ? ToJson(child, isOfNames: child.Key.Equals("headers", StringComparison.OrdinalIgnoreCase), settings)
                : ToJson(name, settings.Text($"{section.Path}:{name}"));
        }

        return json;
    }

    private static JsonNode? ToJson(string key, string? text) =>
        key.Equals(Schedule, StringComparison.OrdinalIgnoreCase) ? List(text)
        : text is { Length: > 0 } ? JsonValue.Create(text)
        : null;

    /// <summary>A list, written as the variable REDELIVERY_SCHEDULE is; none when it is empty.</summary>
    private static JsonArray? List(string? text) => text is null
        ? null
        : [.. SettingsReader.Entries(text).Select(static JsonNode? (entry) => JsonValue.Create(entry))];

    /// <summary>The name of the variable that sets a member.</summary>
    private static string EnvironmentName(string member) => member.Replace(".", "__", StringComparison.Ordinal).Replace("[", "__", StringComparison.Ordinal).TrimEnd(']');

    /// <summary>
    /// A value as a fault may show it. Secrets, headers and <c>auth</c> may be credentials, URLs may bear them, and an unknown member may be a secret whose
    /// name has a typo.
    /// </summary>
    private static string Shown(IConfigurationSection section, string member, RequestReader given) =>
        member is "secret" or "headers" or "auth" || member.StartsWith("auth.", StringComparison.Ordinal) || !given.IsMember(member.Split('.', '[')[0])
            ? "(hidden)"
            : SettingsReader.WithoutCredentials(section[EnvironmentName(member).Replace("__", ":", StringComparison.Ordinal)] ?? "");
}
