using System.Diagnostics.Metrics;

namespace Middleware.Telemetry;

/// <summary>
/// Failures of the service's own that a part of it survived. Each is counted, logged with its stack, and degrades <c>/health</c> for a while.
/// </summary>
internal sealed partial class Defects
{
    /// <summary>The time for which a defect shows in <c>/health</c>.</summary>
    public static readonly TimeSpan Shown = TimeSpan.FromMinutes(5);

    private readonly TimeProvider _clock;
    private readonly ILogger<Defects> _logger;
    private readonly Counter<long> _count;
    private Tuple<string, long>? _last;

    public Defects(IMeterFactory meters, TimeProvider clock, ILogger<Defects> logger)
    {
        (_clock, _logger) = (clock, logger);
        _count = meters.Create(MiddlewareMetrics.Name).CreateCounter<long>(
            "integration.defects", "{defect}", "Failures of the service's own, by the part that met them; each has a critical line in the log.");
    }

    /// <summary>The part that failed last, while that shows; null for none.</summary>
    public string? Recent => Volatile.Read(ref _last) is var (part, at) && _clock.GetElapsedTime(at) < Shown ? part : null;

    /// <summary>Notes a failure; the part goes on.</summary>
    /// <param name="part">Such as <c>delivery</c>, the value of the metric's label.</param>
    /// <param name="exception">The failure.</param>
    /// <param name="about">The ids of the event and its endpoint, as far as there are any.</param>
    public void Note(string part, Exception exception, (string? CorrelationId, string? EventId, string? Endpoint) about = default)
    {
        Volatile.Write(ref _last, Tuple.Create(part, _clock.GetTimestamp()));
        _count.Add(1, new KeyValuePair<string, object?>("part", part));
        Defect(exception, part, about.CorrelationId, about.EventId, about.Endpoint);
    }

    [LoggerMessage(LogLevel.Critical, "a defect of the service")]
    private partial void Defect(Exception exception, string part, string? correlationId, string? eventId, string? endpoint);
}
