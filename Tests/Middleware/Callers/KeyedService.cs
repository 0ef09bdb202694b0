using Middleware.Callers;

namespace Tests.Middleware.Callers;

/// <summary>A service that asks for API keys, and its admin.</summary>
internal sealed class KeyedService(params (string Name, string Value)[] settings) : IAsyncDisposable
{
    public const string Keys = "/api/v1/keys";

    public static readonly string AdminKey = KeyText.Generate();

    public MiddlewareService Service { get; } = new([("ADMIN_KEY", AdminKey), .. settings]);

    public static string As(string key) => $"Authorization: Bearer {key}";

    /// <summary>Sends JSON as the holder of a key.</summary>
    public Task<HttpResponseMessage> Send(string key, HttpMethod method, string path, string? body = null, params string[] headers) =>
        Service.Http.SendJson(method, path, body, [As(key), .. headers]);

    public Task<HttpResponseMessage> PostEvent(string key, string source = "tests") => Send(key, HttpMethod.Post, "/integrations/events", ServiceRequests.Event(source));

    public Task<HttpStatusCode> Status(string key, HttpMethod method, string path, string? body = null, params string[] headers) =>
        Send(key, method, path, body, headers).StatusCode();

    /// <summary>Sends and reads the JSON of an answer that must have this status.</summary>
    public Task<JsonNode> Ask(string key, HttpMethod method, string path, HttpStatusCode expected, string? body = null) => Service.Ask(method, path, expected, body, As(key));

    public Task<JsonNode> Read(string key, string path) => Ask(key, HttpMethod.Get, path, HttpStatusCode.OK);

    /// <summary>Makes a key of scopes, with other members such as <c>"sources":["a"]</c>.</summary>
    public async Task<(string Id, string Text)> Make(string scopes, string more = "")
    {
        var names = string.Join(',', scopes.Split(' ').Select(static scope => $"\"{scope}\""));
        var made = await Ask(AdminKey, HttpMethod.Post, Keys, HttpStatusCode.Created, $$"""{"name":"made","scopes":[{{names}}]{{(more.Length > 0 ? "," + more : "")}}}""");
        return ((string)made["id"]!, (string)made["key"]!);
    }

    public ValueTask DisposeAsync() => Service.DisposeAsync();
}
