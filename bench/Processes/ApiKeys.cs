using System.Net.Http.Headers;
using System.Text;

namespace Bench.Processes;

/// <summary>The API keys of a running service.</summary>
internal static class ApiKeys
{
    private const string Order = """{"name":"bench","scopes":["events:write"]}""";

    /// <summary>Makes a key that may post events, and answers its text.</summary>
    public static async Task<string> MakeAsync(ServiceProcess service, string adminKey, CancellationToken cancellationToken)
    {
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, $"http://{service.Address}/api/v1/keys") { Content = new StringContent(Order, Encoding.UTF8, "application/json") };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", adminKey);
        using var answer = await client.SendAsync(request, cancellationToken);
        var body = await answer.Content.ReadAsStringAsync(cancellationToken);
        return answer.IsSuccessStatusCode && (string?)JsonNode.Parse(body)?["key"] is { } key ? key : throw new BenchException($"a key was refused: {body}");
    }
}
