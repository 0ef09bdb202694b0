using System.Text.RegularExpressions;

namespace Tests.Middleware.Callers;

/// <summary>The routes of the service, each with the scopes that permit it.</summary>
internal static class RouteScopes
{
    /// <summary>The probes, which need none.</summary>
    public static readonly string[] Open = ["/alive", "/health", "/health/live", "/health/ready"];

    /// <summary>The scopes that permit each route, any of which is enough.</summary>
    public static readonly Dictionary<string, string> Table = new()
    {
        ["POST /integrations/events"] = "events:write",
        ["POST /integrations/events/batch"] = "events:write",
        ["POST /v1/integrations/events"] = "events:write",
        ["POST /v1/integrations/events/batch"] = "events:write",
        ["POST /v2/integrations/events"] = "events:write",
        ["POST /v2/integrations/events/batch"] = "events:write",
        ["POST /v{version}/integrations/events"] = "events:write",
        ["POST /v{version}/integrations/events/batch"] = "events:write",
        ["GET /api/v1/events"] = "events:read payloads:read",
        ["GET /api/v1/events/counts"] = "events:read payloads:read",
        ["GET /api/v1/events/stream"] = "events:read payloads:read",
        ["GET /api/v1/events/{event_id}"] = "events:read payloads:read",
        ["GET /api/v1/events/{event_id}/matches"] = "payloads:read",
        ["POST /api/v1/events/{event_id}/replay"] = "operate",
        ["GET /api/v1/dead-letters"] = "events:read payloads:read",
        ["GET /api/v1/dead-letters/counts"] = "events:read payloads:read",
        ["GET /api/v1/dead-letters/{delivery_id}"] = "events:read payloads:read",
        ["POST /api/v1/dead-letters/{delivery_id}/replay"] = "operate",
        ["DELETE /api/v1/dead-letters/{delivery_id}"] = "operate",
        ["POST /api/v1/replays"] = "operate",
        ["GET /api/v1/replays"] = "events:read payloads:read operate",
        ["GET /api/v1/replays/{replay_id}"] = "events:read payloads:read operate",
        ["DELETE /api/v1/replays/{replay_id}"] = "operate",
        ["GET /api/v1/endpoints"] = "events:read payloads:read endpoints:write operate",
        ["POST /api/v1/endpoints"] = "endpoints:write",
        ["GET /api/v1/endpoints/{endpoint_id}"] = "events:read payloads:read endpoints:write operate",
        ["PUT /api/v1/endpoints/{endpoint_id}"] = "endpoints:write",
        ["PATCH /api/v1/endpoints/{endpoint_id}"] = "endpoints:write",
        ["DELETE /api/v1/endpoints/{endpoint_id}"] = "endpoints:write",
        ["POST /api/v1/endpoints/{endpoint_id}/enable"] = "endpoints:write operate",
        ["POST /api/v1/endpoints/{endpoint_id}/disable"] = "endpoints:write operate",
        ["POST /api/v1/endpoints/{endpoint_id}/rotate-secret"] = "endpoints:write",
        ["POST /api/v1/endpoints/{endpoint_id}/test"] = "endpoints:write",
        ["GET /api/v1/endpoints/{endpoint_id}/health"] = "events:read payloads:read endpoints:write operate",
        ["POST /api/v1/filters/test"] = "endpoints:write operate",
        ["GET /api/v1/me"] = "events:write events:read payloads:read endpoints:write operate admin metrics",
        ["GET /api/v1/keys"] = "admin",
        ["POST /api/v1/keys"] = "admin",
        ["GET /api/v1/keys/{key_id}"] = "admin",
        ["DELETE /api/v1/keys/{key_id}"] = "admin",
        ["POST /api/v1/keys/{key_id}/rotate"] = "admin",
        ["DELETE /api/v1/events/{event_id}"] = "admin",
        ["GET /api/v1/erasures"] = "admin",
        ["POST /api/v1/erasures"] = "admin",
        ["GET /api/v1/erasures/{erasure_id}"] = "admin",
        ["DELETE /api/v1/erasures/{erasure_id}"] = "admin",
        ["GET /api/v1/audit"] = "admin",
        ["GET /api/v1/replicas"] = "events:read payloads:read endpoints:write operate",
        ["GET /api/v1/stats"] = "events:read payloads:read endpoints:write operate",
        ["GET /api/v1/settings"] = "operate admin",
        ["GET /metrics"] = "metrics",
        ["GET /openapi/v1.json"] = "events:read payloads:read",
        ["GET /docs/{documentName?}"] = "events:read payloads:read",
    };

    /// <summary>Whether a caller with these scopes may use a route such as <c>GET /metrics</c>.</summary>
    public static bool Permits(string route, IEnumerable<string> scopes) => Open.Contains(route.Split(' ')[1]) || Table[route].Split(' ').Intersect(scopes).Any();

    /// <summary>A path with a value for each of its parameters.</summary>
    public static string Filled(string path) => Regex.Replace(path, @"\{[^}]+\}", static part => part.Value switch
    {
        "{event_id}" => "0198c0de000070008000000000000000",
        "{version}" => "2",
        "{documentName?}" => "",
        "{delivery_id}" => "0198c0de000070008000000000000000.default",
        _ => "unknown1",
    });
}
