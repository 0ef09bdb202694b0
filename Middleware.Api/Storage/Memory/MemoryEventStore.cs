using Middleware.Domain;
using Middleware.UseCases;

namespace Middleware.Storage.Memory;

/// <summary>Keeps what is owed in memory and nothing else: the Go platform's behaviour. What is pending when the process ends is lost.</summary>
internal sealed class MemoryEventStore(TimeProvider clock) : IEventStore
{
    private readonly Lock _gate = new();
    private readonly Dictionary<EndpointId, PendingDeliveries> _pending = [];
    private readonly HashSet<EndpointId> _forgotten = [];
    private readonly MemoryClaims _claims = new(clock);
    private IDeliverySink? _sink;
    private long _sequence;

    public bool IsDurable => false;

    public string? Failure => null;

    public Task OpenAsync(IDeliverySink sink, CancellationToken cancellationToken)
    {
        _sink = sink;
        return Task.CompletedTask;
    }

    public ValueTask<AcceptResult> AcceptAsync(IReadOnlyList<RoutedEvent> events, IdempotencyClaim? claim, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var sink = _sink ?? throw new InvalidOperationException("The store is not open.");

        // The sink is told inside the gate: it must hear of deliveries in order of sequence.
        lock (_gate)
        {
            if (claim is not null && _claims.Find(claim) is { } known)
            {
                return ValueTask.FromResult(known);
            }

            EventResult[] results = [.. events.Select(routed => EventResult.Of(routed, Accept(routed, sink)))];
            if (claim is not null)
            {
                _claims.Keep(claim, results);
            }

            return ValueTask.FromResult(new AcceptResult(AcceptKind.Judged, results));
        }
    }

    public ValueTask<PendingPage> ReadPendingAsync(
        EndpointId endpoint, Priority priority, long afterSequence, PageLimit limit, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return ValueTask.FromResult(Find(endpoint)?.Read(priority, afterSequence, limit) ?? PendingDeliveries.Nothing);
        }
    }

    public ValueTask<bool> TryBeginAsync(Delivery delivery, CancellationToken cancellationToken) => ValueTask.FromResult(true);

    public void GiveBack(Delivery delivery)
    {
        // It is pending until it is recorded as ended.
    }

    public ValueTask RecordAsync(Shipment shipment, Attempt attempt, IReadOnlyList<DeliveryOutcome> outcomes, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            foreach (var (delivery, outcome) in shipment.Deliveries.Zip(outcomes))
            {
                Find(delivery.EndpointId)?.Record(delivery, attempt, outcome);
            }
        }

        return ValueTask.CompletedTask;
    }

    public Task<bool> KeepBatchAsync(Shipment batch) => Task.FromResult(true);

    public Task<IReadOnlyList<Shipment>> ReadBatchesAsync(EndpointId endpoint) => Task.FromResult<IReadOnlyList<Shipment>>([]);

    /// <summary>Nothing is ever due: what the fast tier gives up is gone, and the log has its only trace.</summary>
    public Task<int> QueueDueAsync(DateTimeOffset now, int limit, CancellationToken cancellationToken) => Task.FromResult(0);

    public int Waiting(EndpointId endpoint)
    {
        lock (_gate)
        {
            return Count(endpoint);
        }
    }

    public DateTimeOffset? FailingSince(EndpointId endpoint)
    {
        lock (_gate)
        {
            return Find(endpoint)?.FailingSince;
        }
    }

    public DateTimeOffset? OldestWaiting(EndpointId endpoint)
    {
        lock (_gate)
        {
            return Find(endpoint)?.OldestAcceptedAt;
        }
    }

    /// <summary>Begins anew with an endpoint that was registered or changed: what failed before counts no more.</summary>
    public void BeginAnew(EndpointId endpoint)
    {
        lock (_gate)
        {
            _forgotten.Remove(endpoint);
            Find(endpoint)?.FailingSince = null;
        }
    }

    /// <summary>
    /// Forgets what waits for an endpoint, and what is accepted for it after all; false, and nothing forgotten, when something waits and must not be.
    /// </summary>
    public bool TryForget(EndpointId endpoint, bool evenIfWaiting)
    {
        lock (_gate)
        {
            if (!evenIfWaiting && Count(endpoint) > 0)
            {
                return false;
            }

            _pending.Remove(endpoint);
            _forgotten.Add(endpoint);
            return true;
        }
    }

    private AcceptOutcome Accept(RoutedEvent routed, IDeliverySink sink)
    {
        if (!IsAdmitted(routed))
        {
            return AcceptOutcome.QueueFull;
        }

        var sequence = ++_sequence;
        foreach (var endpoint in routed.Endpoints)
        {
            if (_forgotten.Contains(endpoint.Id))
            {
                // It was deleted after the event had been decided by it.
                continue;
            }

            var delivery = Delivery.Of(routed.Event, sequence, endpoint.Id);
            PendingOf(endpoint.Id).Add(delivery);
            sink.Committed(delivery);
        }

        return AcceptOutcome.Accepted;
    }

    private bool IsAdmitted(RoutedEvent routed)
    {
        foreach (var endpoint in routed.Endpoints)
        {
            if (endpoint.Admits(routed.Event.Priority, Count(endpoint.Id)))
            {
                return true;
            }
        }

        return routed.Endpoints.IsEmpty;
    }

    private PendingDeliveries? Find(EndpointId endpoint) => _pending.GetValueOrDefault(endpoint);

    private int Count(EndpointId endpoint) => Find(endpoint)?.Count ?? 0;

    private PendingDeliveries PendingOf(EndpointId endpoint)
    {
        if (!_pending.TryGetValue(endpoint, out var pending))
        {
            _pending[endpoint] = pending = new PendingDeliveries();
        }

        return pending;
    }
}
