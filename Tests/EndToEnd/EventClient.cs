using System.Net;
using System.Text.Json.Nodes;
using static Tests.EndToEnd.Eventually;

namespace Tests.EndToEnd;

/// <summary>A system that posts events to the middleware, and the operator who looks what became of them.</summary>
internal sealed class EventClient(Uri address) : IDisposable
{
    private readonly HttpClient _http = new() { BaseAddress = address };

    public Task<HttpResponseMessage> PostAsync(string body, params string[] headers)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/integrations/events")
        {
            Content = new StringContent(body, null, "application/json"),
        };
        foreach (var header in headers)
        {
            var parts = header.Split(": ", 2);
            request.Headers.Add(parts[0], parts[1]);
        }

        return _http.SendAsync(request, Cancellation);
    }

    /// <summary>Posts an event of this severity.</summary>
    public Task<HttpResponseMessage> PostEventAsync(string severity) =>
        PostAsync($$"""{"source":"tests","event_type":"tested","severity":"{{severity}}","message":"one of several"}""");

    /// <summary>Posts an event of this severity and gives its id; the test fails if it is not accepted.</summary>
    public async Task<string> AcceptAsync(string severity = "low")
    {
        using var answer = await PostEventAsync(severity);
        return await EventIdAsync(answer);
    }

    /// <summary>Posts an event and gives its id; null when the queue is full.</summary>
    public async Task<string?> TryAcceptAsync()
    {
        using var answer = await PostEventAsync("low");
        return answer.StatusCode == HttpStatusCode.ServiceUnavailable ? null : await EventIdAsync(answer);
    }

    public async Task<string[]> AcceptAsync(int count)
    {
        var ids = new string[count];
        for (var i = 0; i < count; i++)
        {
            ids[i] = await AcceptAsync();
        }

        return ids;
    }

    /// <summary>What a route under <c>/api/v1</c> shows.</summary>
    public async Task<JsonNode> LookAsync(string path) => JsonNode.Parse(await _http.GetStringAsync($"/api/v1/{path}", Cancellation))!;

    /// <summary>Has an event delivered again and gives the replay's id.</summary>
    public async Task<string> ReplayAsync(string eventId) => (string)(await ChangeAsync($"events/{eventId}/replay", "{}"))["replay_id"]!;

    /// <summary>Registers an endpoint and gives its id.</summary>
    public async Task<string> RegisterAsync(string definition) => (string)(await ChangeAsync("endpoints", definition))["id"]!;

    public void Dispose() => _http.Dispose();

    private async Task<JsonNode> ChangeAsync(string path, string body)
    {
        using var answer = await _http.PostAsync($"/api/v1/{path}", new StringContent(body, null, "application/json"), Cancellation);
        var text = await answer.Content.ReadAsStringAsync(Cancellation);
        Assert.True(answer.IsSuccessStatusCode, $"{(int)answer.StatusCode}: {text}");
        return JsonNode.Parse(text)!;
    }

    public static async Task<string> EventIdAsync(HttpResponseMessage answer) => (string)(await AcceptedAsync(answer))["event_id"]!;

    /// <summary>The body of a 200; anything else fails the test.</summary>
    public static async Task<JsonNode> AcceptedAsync(HttpResponseMessage answer)
    {
        var body = await answer.Content.ReadAsStringAsync(Cancellation);
        Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{(int)answer.StatusCode}: {body}");
        return JsonNode.Parse(body)!;
    }
}
