using Tests;

namespace Bench.Processes;

/// <summary>The API keys of a running service.</summary>
internal static class ApiKeys
{
    private const string Order = """{"name":"bench","scopes":["events:write"]}""";

    /// <summary>Makes a key that may post events, and answers its text.</summary>
    public static async Task<string> MakeAsync(ServiceProcess service, string adminKey, CancellationToken cancellationToken)
    {
        using var client = new HttpClient();
        using var answer = await client.SendJson(HttpMethod.Post, $"http://{service.Address}/api/v1/keys", Order, $"Authorization: Bearer {adminKey}");
        var body = await answer.Content.ReadAsStringAsync(cancellationToken);
        return answer.IsSuccessStatusCode && (string?)JsonNode.Parse(body)?["key"] is { } key ? key : throw new BenchException($"a key was refused: {body}");
    }
}
