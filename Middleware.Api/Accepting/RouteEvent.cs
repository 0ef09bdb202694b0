using System.Collections.Immutable;
using Middleware.Endpoints;
using Middleware.Events;
using Middleware.Telemetry;
using ServiceDefaults.Logging;

namespace Middleware.Accepting;

/// <summary>Finds the endpoints that an event goes to. A filter that costs too much counts as no match, is counted and logged.</summary>
internal sealed partial class RouteEvent : IDisposable
{
    /// <summary>The steps of filters on a thread that serves sockets: some hundred that only compare names.</summary>
    public const int StepsAtOnce = 25_000;

    /// <summary>The largest payload, in bytes, of an event whose filters run on such a thread: they may have to read it.</summary>
    public const int BytesAtOnce = 16 << 10;

    private readonly EndpointRegistry _endpoints;
    private readonly MiddlewareMetrics _metrics;
    private readonly ILogger<RouteEvent> _logger;
    private readonly LogCap _lines;

    public RouteEvent(EndpointRegistry endpoints, MiddlewareMetrics metrics, TimeProvider clock, ILogger<RouteEvent> logger)
    {
        _endpoints = endpoints;
        _metrics = metrics;
        _logger = logger;
        _lines = new LogCap(clock, TooCostlyLinesLeftOut);
    }

    /// <summary>True when an endpoint has a filter, or an expression for its keys: else routing costs next to nothing.</summary>
    public bool HasFilters => _endpoints.Now is { HasFilters: true } or { EvaluatedKeys: > 0 };

    /// <summary>
    /// Routes on a thread that waits for sockets. More work than that thread bears is done on the thread pool. Without filters routing costs nothing.
    /// </summary>
    public ValueTask<ImmutableArray<WebhookEndpoint>> ExecuteAsync(IntegrationEvent accepted)
    {
        var endpoints = _endpoints.Now;
        if (!endpoints.HasFilters)
        {
            return new(endpoints.All);
        }

        var pass = new FilterPass(endpoints, accepted);
        return accepted.Payload.Length <= BytesAtOnce && pass.TryEnd(StepsAtOnce) ? new(End(accepted, ref pass)) : new(OnThreadPool(accepted, pass));
    }

    /// <summary>Routes at once, on a thread that serves no sockets.</summary>
    public ImmutableArray<WebhookEndpoint> Execute(IntegrationEvent accepted)
    {
        var endpoints = _endpoints.Now;
        if (!endpoints.HasFilters)
        {
            return endpoints.All;
        }

        var pass = new FilterPass(endpoints, accepted);
        pass.TryEnd();
        return End(accepted, ref pass);
    }

    /// <inheritdoc cref="OrderKeys.OfAsync"/>
    public ValueTask<ImmutableArray<long?>> KeysOfAsync(IntegrationEvent accepted, ImmutableArray<WebhookEndpoint> routed) =>
        OrderKeys.OfAsync(_endpoints.Now, accepted, routed);

    /// <inheritdoc cref="OrderKeys.Of"/>
    public ImmutableArray<long?> KeysOf(IntegrationEvent accepted, ImmutableArray<WebhookEndpoint> routed) => OrderKeys.Of(_endpoints.Now, accepted, routed);

    public void Dispose() => _lines.Dispose();

    private Task<ImmutableArray<WebhookEndpoint>> OnThreadPool(IntegrationEvent accepted, FilterPass pass) => Task.Run(() =>
    {
        pass.TryEnd();
        return End(accepted, ref pass);
    });

    private ImmutableArray<WebhookEndpoint> End(IntegrationEvent accepted, ref FilterPass pass)
    {
        if (pass.TooCostly is { } endpoints)
        {
            Note(accepted, endpoints);
        }

        return pass.Matching();
    }

    private void Note(IntegrationEvent accepted, List<WebhookEndpoint> tooCostly)
    {
        foreach (var endpoint in tooCostly)
        {
            _metrics.FilterTooCostly(endpoint.Id);
            if (_lines.Allows())
            {
                TooCostly(accepted.CorrelationId, accepted.IdText, endpoint.Id.Value);
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "filter too costly")]
    private partial void TooCostly(string correlationId, string eventId, string endpoint);

    [LoggerMessage(LogLevel.Warning, "filter too costly: more in the last second")]
    private partial void TooCostlyLinesLeftOut(int leftOut);
}
