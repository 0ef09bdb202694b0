using System.Diagnostics;
using Tests.EndToEnd;
using Tests.Middleware;

namespace Tests.Tracing;

/// <summary>Both services as processes that export to one collector, the middleware on a store that outlives it.</summary>
internal sealed class TracedServices : IAsyncDisposable
{
    private readonly Collector _collector;
    private readonly ServiceProcess _alerts;
    private RunningMiddleware? _middleware;

    private TracedServices(Collector collector, ServiceProcess alerts)
    {
        (_collector, _alerts) = (collector, alerts);
        Receiver = new Receiver(alerts.Address);
    }

    public Receiver Receiver { get; }

    public ServiceProcess Middleware => _middleware!.Process;

    public MiddlewareClient Events => _middleware!.Client;

    public string AlertsUrl => new Uri(_alerts.Address, "/external/alerts").ToString();

    /// <summary>Starts both with settings of the middleware.</summary>
    public static async Task<TracedServices> StartAsync(params string[] settings)
    {
        var collector = await Collector.StartAsync();
        var services = new TracedServices(collector, await ServiceProcess.StartAsync("ExternalAlerts.Api", collector.Settings));
        try
        {
            services._middleware = await RunningMiddleware.StartAsync([$"EXTERNAL_ENDPOINT_URL={services.AlertsUrl}", "HTTP_TIMEOUT=1m", .. settings, .. collector.Settings]);
            return services;
        }
        catch
        {
            await services.DisposeAsync();
            throw;
        }
    }

    /// <summary>SIGKILL to the middleware, and another on the same store.</summary>
    public Task RestartAsync() => _middleware!.KillAndStartAsync();

    /// <summary>Stops both in order, so that nothing is left to export, and gives all that was.</summary>
    public async Task<IReadOnlyList<CollectedSpan>> StopAsync()
    {
        Assert.Equal(0, await Middleware.StopAsync());
        Assert.Equal(0, await _alerts.StopAsync());
        return _collector.Spans;
    }

    /// <summary>Posts an event within a trace and gives its id.</summary>
    public async Task<string> PostAsync(Trace trace, string type = "traced")
    {
        var body = $$"""{"source":"tests","event_type":"{{type}}","severity":"high","message":"m"}""";
        using var answer = await Events.PostAsync(body, $"traceparent: {trace.Parent}", $"X-Correlation-ID: {trace.CorrelationId}");
        return await MiddlewareClient.EventIdAsync(answer);
    }

    /// <summary>The spans of a trace, once there are so many of a name that begins so.</summary>
    public Task<List<CollectedSpan>> SpansAsync(Trace trace, string name, int count = 1) => Waiting.SeeAsync(
        () => Task.FromResult(_collector.Spans.Where(span => span.TraceId == trace.Id).ToList()),
        spans => spans.Count(span => span.Name.StartsWith(name, StringComparison.Ordinal)) >= count,
        $"{count} spans {name} in trace {trace.Id}");

    public async ValueTask DisposeAsync()
    {
        _middleware?.Dispose();
        Receiver.Dispose();
        _alerts.Dispose();
        await _collector.DisposeAsync();
    }
}

/// <summary>The trace in which a client posts.</summary>
internal sealed record Trace(string Flags = "01")
{
    public string Id { get; } = ActivityTraceId.CreateRandom().ToHexString();

    /// <summary>The id of the client's own span.</summary>
    public string ClientSpan { get; } = ActivitySpanId.CreateRandom().ToHexString();

    public string Parent => $"00-{Id}-{ClientSpan}-{Flags}";

    public string CorrelationId => $"traced-{Id[..8]}";
}
