using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;

namespace Tests.Middleware.Telemetry;

/// <summary>Scrapes over real sockets, of which some are not read, and some end before they are.</summary>
public sealed class ScrapingAtOnce : OnAService
{
    private const string Request = "GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

    // More than the buffers of a connection hold.
    private static readonly KeyValuePair<string, object?>[] Labels =
        [.. Enumerable.Range(0, 1_000).Select(static row => new KeyValuePair<string, object?>("label", $"{row}{new string('x', 8 << 10)}"))];

    private int _scrapes;

    public ScrapingAtOnce()
        : base(MiddlewareService.InMemory())
    {
        Service.UseKestrel();
        Service.Services.GetRequiredService<IMeterFactory>().Create("AspireIntegration.Large").CreateObservableGauge("large", () =>
        {
            var number = Interlocked.Increment(ref _scrapes);
            return Labels.Select(label => new Measurement<int>(number, label));
        });
    }

    [Fact]
    public async Task One_that_is_not_read_holds_up_no_other_until_there_are_too_many()
    {
        using var unread = await AskAsync();
        while (Volatile.Read(ref _scrapes) == 1)
        {
            Assert.Contains("integration_queue_depth", await Service.Http.GetStringAsync("/metrics", Waiting.Cancellation).InTime(), StringComparison.Ordinal);
        }

        var others = new List<RawConnection>();
        while (others.Count < 7)
        {
            others.Add(await AskAsync());
        }

        using var leaving = new CancellationTokenSource();
        List<Task<HttpStatusCode>> leave = [ScrapeAsync(leaving.Token), ScrapeAsync(leaving.Token)];
        List<Task<HttpStatusCode>> wait = [.. Enumerable.Range(0, 55).Select(_ => ScrapeAsync(Waiting.Cancellation))];
        var refused = await Task.WhenAny(leave.Concat(wait)).InTime();
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await refused);
        Assert.True(leave.Remove(refused) ^ wait.Remove(refused));
        Assert.DoesNotContain(leave.Concat(wait), static scrape => scrape.IsCompleted);

        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.WhenAll(leave).InTime());
        Assert.EndsWith("\r\n0\r\n\r\n", await unread.ReadToEndAsync(TimeSpan.FromMinutes(1)), StringComparison.Ordinal);
        others.ForEach(static other => other.Dispose());
        Assert.All(await Task.WhenAll(wait).InTime(), static status => Assert.Equal(HttpStatusCode.OK, status));
        Assert.Empty(Service.Log.Errors);
    }

    private Task<HttpStatusCode> ScrapeAsync(CancellationToken cancel) =>
        Service.Http.GetAsync("/metrics", HttpCompletionOption.ResponseHeadersRead, cancel).StatusCode();

    /// <summary>Asks for the metrics and reads no more than the head.</summary>
    private async Task<RawConnection> AskAsync()
    {
        var connection = await RawConnection.OpenUnreadAsync(Service.Http.BaseAddress!);
        await connection.SendAsync(Request);
        Assert.Equal(200, (await connection.ReadHeadAsync()).Status);
        return connection;
    }
}
