using System.Net;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Local;

/// <summary>Asks a resource for its health: at first often, ever less while it stays unhealthy, every 30 s once it is healthy.</summary>
internal sealed class HealthMonitor(TimeProvider clock, IHttpClientFactory clients)
{
    public static readonly TimeSpan WhenHealthy = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    /// <summary>Reports every answer: null for healthy, or else what was wrong; ends when cancelled.</summary>
    public async Task RunAsync(HealthCheckAnnotation check, Action<string?> report, CancellationToken cancellationToken)
    {
        using var client = clients.CreateClient(nameof(HealthMonitor));
        client.Timeout = Longest;
        var delay = Shortest;
        while (!cancellationToken.IsCancellationRequested)
        {
            var fault = await AskAsync(client, check, cancellationToken);
            if (cancellationToken.IsCancellationRequested)
            {
                return;
            }

            report(fault);
            await Task.Delay(fault is null ? WhenHealthy : delay, clock, cancellationToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            delay = fault is null ? Shortest : TimeSpan.FromTicks(Math.Min(delay.Ticks * 3 / 2, Longest.Ticks));
        }
    }

    private static async Task<string?> AskAsync(HttpClient client, HealthCheckAnnotation check, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await client.GetAsync(check.Uri, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            return response.StatusCode == (HttpStatusCode)check.StatusCode
                ? null
                : $"GET {check.Uri} answered {(int)response.StatusCode}, not {check.StatusCode}";
        }
        catch (HttpRequestException fault)
        {
            return $"GET {check.Uri} failed: {fault.Message}";
        }
        catch (OperationCanceledException)
        {
            // The caller looks at its token; if it was not that, the client's time-out has passed.
            return $"GET {check.Uri} did not answer within {Longest.TotalSeconds} s";
        }
    }
}
