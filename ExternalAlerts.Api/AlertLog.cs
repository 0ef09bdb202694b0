using ServiceDefaults.Logging;

namespace ExternalAlerts;

/// <summary>
/// Bounded record of received alerts: the last 10,000 alerts (fewer past 64 MiB of them), the last 10,000 requests (fewer past 16 MiB), and counts.
/// Event ids are distinguished over the last 2 million different ones at least (see <see cref="SeenIds"/>), which takes 220 MB at most.
/// </summary>
internal sealed partial class AlertLog : IDisposable
{
    public const int Kept = 10_000;
    public const int KeptBytes = 64 * 1024 * 1024;
    public const int KeptTriesBytes = 16 * 1024 * 1024;
    public const int KeptIds = 2_000_000;

    private readonly Lock _gate = new();
    private readonly Ring<ReceivedAlert> _alerts = new(Kept, KeptBytes, static alert => alert.Weight);
    private readonly Ring<AlertTry> _tries = new(Kept, KeptTriesBytes, static request => request.Weight);
    private readonly SeenIds _ids = new(KeptIds);
    private readonly ILogger<AlertLog> _logger;
    private readonly LogCap _cap;
    private AlertStats _stats = new(0, 0, 0, 0, 0, 0);

    public AlertLog(TimeProvider clock, ILogger<AlertLog> logger)
    {
        _logger = logger;
        _cap = new LogCap(clock, LeftOut);
    }

    public AlertStats Stats
    {
        get
        {
            lock (_gate)
            {
                return _stats;
            }
        }
    }

    /// <summary>Notes a request before it is answered.</summary>
    public void Add(AlertTry request)
    {
        var faulted = request.Fault is null ? 0 : 1;
        lock (_gate)
        {
            _tries.Add(request);
            _stats = _stats with { Tries = _stats.Tries + 1, Faulted = _stats.Faulted + faulted };
        }

        if (request.Fault is not null && _cap.Allows())
        {
            Misbehaved(request.Fault, request.CorrelationId, request.EventId);
        }
    }

    /// <summary>Keeps, counts and logs the alerts of one request.</summary>
    public void Add(IReadOnlyList<ReceivedAlert> alerts)
    {
        var keys = alerts.Select(static alert => alert.EventId is null ? (Guid?)null : SeenIds.KeyOf(alert.EventId)).ToArray();
        lock (_gate)
        {
            long unique = 0, duplicates = 0;
            for (var i = 0; i < keys.Length; i++)
            {
                _alerts.Add(alerts[i]);
                if (keys[i] is { } key)
                {
                    _ = _ids.Add(key) ? unique++ : duplicates++;
                }
            }

            _stats = _stats with
            {
                Received = _stats.Received + keys.Length,
                Unique = _stats.Unique + unique,
                Duplicates = _stats.Duplicates + duplicates,
                WithoutId = _stats.WithoutId + keys.Length - unique - duplicates,
            };
        }

        foreach (var alert in alerts)
        {
            if (_cap.Allows())
            {
                Received(alert.CorrelationId, alert.EventId);
            }
        }
    }

    public ReceivedAlert[] Alerts(int limit)
    {
        lock (_gate)
        {
            return _alerts.Newest(limit);
        }
    }

    public AlertTry[] Tries(int limit)
    {
        lock (_gate)
        {
            return _tries.Newest(limit);
        }
    }

    public void Clear()
    {
        lock (_gate)
        {
            _alerts.Clear();
            _tries.Clear();
            _ids.Clear();
            _stats = new(0, 0, 0, 0, 0, 0);
        }
    }

    public void Dispose() => _cap.Dispose();

    [LoggerMessage(LogLevel.Information, "alert received")]
    private partial void Received(string correlationId, string? eventId);

    [LoggerMessage(LogLevel.Information, "request misbehaved by a fault that is set")]
    private partial void Misbehaved(string fault, string correlationId, string? eventId);

    [LoggerMessage(LogLevel.Information, "lines left out: more than 100 in the last second")]
    private partial void LeftOut(int leftOut);
}
