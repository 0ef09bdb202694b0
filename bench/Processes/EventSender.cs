using System.Net.Http.Headers;
using System.Text;
using static System.FormattableString;

namespace Bench.Processes;

/// <summary>Sends events of a type to a running service, for what is not measured by their number a second.</summary>
internal sealed class EventSender(ServiceProcess service) : IDisposable
{
    public HttpClient Client { get; } = new() { BaseAddress = new Uri($"http://{service.Address}"), Timeout = TimeSpan.FromMinutes(2) };

    /// <summary>Sends one event.</summary>
    public Task SendAsync(string type, CancellationToken cancellationToken) => PostAsync("/integrations/events", Event(type), cancellationToken);

    /// <summary>Sends so many events in one request.</summary>
    public Task SendBatchAsync(string type, int count, CancellationToken cancellationToken) =>
        PostAsync("/integrations/events/batch", $"[{string.Join(',', Enumerable.Repeat(Event(type), count))}]", cancellationToken);

    /// <summary>Sends so many events, in requests of so many.</summary>
    public async Task SendAllAsync(string type, int count, int ofRequest, CancellationToken cancellationToken)
    {
        for (var sent = 0; sent < count; sent += ofRequest)
        {
            await SendBatchAsync(type, ofRequest, cancellationToken);
        }
    }

    public void Dispose() => Client.Dispose();

    private static string Event(string type) => $$"""{"source":"bench","event_type":"{{type}}","severity":"low","message":"{{new string('m', 300)}}"}""";

    private async Task PostAsync(string path, string body, CancellationToken cancellationToken)
    {
        using var content = new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
        using var answer = await Client.PostAsync(new Uri(path, UriKind.Relative), content, cancellationToken);
        if (!answer.IsSuccessStatusCode)
        {
            throw new BenchException(Invariant($"{path} answers {(int)answer.StatusCode}"));
        }
    }
}
