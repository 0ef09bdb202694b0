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

    public async Task<HttpStatusCode> Status(string key, HttpMethod method, string path, string? body = null, params string[] headers)
    {
        using var answer = await Send(key, method, path, body, headers);
        return answer.StatusCode;
    }

    public async Task<JsonNode> Read(string key, string path)
    {
        using var answer = await Send(key, HttpMethod.Get, path).WithStatus(HttpStatusCode.OK);
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync(Waiting.Cancellation))!;
    }

    /// <summary>Makes a key of scopes, with other members such as <c>"sources":["a"]</c>.</summary>
    public async Task<(string Id, string Text)> Make(string scopes, string more = "")
    {
        var names = string.Join(',', scopes.Split(' ').Select(static scope => $"\"{scope}\""));
        using var answer = await Send(AdminKey, HttpMethod.Post, Keys, $$"""{"name":"made","scopes":[{{names}}]{{(more.Length > 0 ? "," + more : "")}}}""");
        var made = JsonNode.Parse(await answer.Content.ReadAsStringAsync(Waiting.Cancellation))!;
        Assert.True(answer.StatusCode == HttpStatusCode.Created, made.ToJsonString());
        return ((string)made["id"]!, (string)made["key"]!);
    }

    public ValueTask DisposeAsync() => Service.DisposeAsync();
}
