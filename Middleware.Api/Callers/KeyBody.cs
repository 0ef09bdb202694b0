using System.Net;
using Middleware.Filtering;
using Middleware.Http;
using ServiceDefaults.Limits;
using ServiceDefaults.Settings;

namespace Middleware.Callers;

/// <summary>Reads the members of an API key that is to be made, or rotated.</summary>
internal static class KeyBody
{
    private const int MaxName = 128;
    private const int MaxScopes = 7;
    private const int MaxNetworks = 50;
    private const string MaxOverlap = "30d";

    private static readonly string ScopePattern = $"^({string.Join('|', ScopeNames.Single.Texts)})$";

    public static readonly RequestShape Whole = new("KeyRequest", "An API key to be made.", static (_, given) => Read(given, DateTimeOffset.MinValue));

    public static readonly RequestShape Rotation = new("KeyRotationRequest", "The rotation of an API key.", static (_, given) => ReadOverlap(given));

    /// <summary>Null, with the faults noted, for an order that is not valid.</summary>
    public static KeyOrder? Read(RequestReader given, DateTimeOffset now)
    {
        var name = given.Text("name", MaxName, "For people: who uses it. Required.", whenMissing: "is required");
        var scopes = ReadScopes(given);
        var sources = ReadSources(given);
        if (sources != NamePatterns.Any && !scopes.HasFlag(Scopes.EventsWrite))
        {
            given.Refuse<string>("sources", "are of keys with the scope events:write");
        }

        var networks = ReadNetworks(given);
        var rate = ReadRate(given);
        var expiresAt = given.Time("expires_at", "The end of its time (ISO 8601); null for none.");
        if (expiresAt <= now)
        {
            given.Refuse<string>("expires_at", "must be in the future");
        }

        return given.Errors.Count == 0 ? new KeyOrder(name!, scopes, sources, networks, rate, expiresAt) : null;
    }

    public static TimeSpan ReadOverlap(RequestReader given) =>
        given.Duration("overlap", ("0s", MaxOverlap), "The time for which the old key is good beside the new one, up to 30d; 0s when not given.") ?? TimeSpan.Zero;

    private static RequestRate? ReadRate(RequestReader given)
    {
        var text = given.Raw(new RequestMember("rate_limit", "string", "Its rate in the place of `RATE_LIMIT`, such as `100/s burst 500`; null for that. It holds where there is no `RATE_LIMIT` too.") { Pattern = Patterns.Rate });
        return text is null ? null : RequestRate.Parse(text) ?? given.Refuse<RequestRate>("rate_limit", $"\"{text}\" is not accepted; {RequestRate.Expected}");
    }

    private static Scopes ReadScopes(RequestReader given)
    {
        var texts = given.Texts("scopes", MaxScopes, 32, $"Its permissions, of {string.Join(", ", ScopeNames.Single.Texts)}. Required.", ScopePattern);
        if (texts is { Count: > MaxScopes })
        {
            return given.Refuse("scopes", $"has {texts.Count} entries; expected at most {MaxScopes}", Scopes.None);
        }

        if (texts is not { Count: > 0 })
        {
            return given.Refuse("scopes", $"is required; expected some of {string.Join(", ", ScopeNames.Single.Texts)}", Scopes.None);
        }

        var scopes = Scopes.None;
        for (var index = 0; index < texts.Count; index++)
        {
            if (texts[index] is { } text)
            {
                scopes |= ScopeNames.Find(text) ?? given.Refuse($"scopes[{index}]", ScopeNames.Single.Fault(text), Scopes.None);
            }
        }

        return scopes;
    }

    private static NamePatterns ReadSources(RequestReader given)
    {
        var texts = given.Texts("sources", NamePatterns.MaxCount, NamePatterns.MaxLength, "At most 50 names or patterns of sources of which it may post events; `*` stands for any characters. All when not given.");
        var faults = new List<FilterFault>();
        var sources = texts is null ? NamePatterns.Any : NamePatterns.Read("sources", texts, faults);
        foreach (var (field, fault) in faults)
        {
            given.Errors.TryAdd(field, [fault]);
        }

        return sources;
    }

    private static List<IPNetwork> ReadNetworks(RequestReader given)
    {
        var networks = new List<IPNetwork>();
        var texts = given.Texts("networks", MaxNetworks, 64, "At most 50 networks such as 10.0.0.0/8, 192.168.1.20 or fd00::/8 from which it may be used. All when not given.", Patterns.Network) ?? [];
        if (texts.Count > MaxNetworks)
        {
            given.Refuse<string>("networks", $"has {texts.Count} entries; expected at most {MaxNetworks}");
            return networks;
        }

        for (var index = 0; index < texts.Count; index++)
        {
            if (NetworkText.Parse(texts[index] ?? "") is { } network)
            {
                networks.Add(network);
            }
            else
            {
                given.Errors.TryAdd($"networks[{index}]", [$"\"{texts[index]}\" is not a network; expected one such as 10.0.0.0/8, 192.168.1.20 or fd00::/8, with no bit set behind the prefix"]);
            }
        }

        return networks;
    }
}
