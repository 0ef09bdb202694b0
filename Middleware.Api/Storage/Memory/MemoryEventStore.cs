using System.Collections.Immutable;
using Middleware.Domain;
using Middleware.UseCases;

namespace Middleware.Storage.Memory;

/// <summary>Keeps what is owed in memory and nothing else: the Go platform's behaviour. What is pending when the process ends is lost.</summary>
internal sealed class MemoryEventStore : IEventStore
{
    private readonly Lock _gate = new();
    private readonly Dictionary<EndpointId, PendingDeliveries> _pending = [];
    private IDeliverySink? _sink;
    private long _sequence;

    public bool IsDurable => false;

    public Task OpenAsync(IDeliverySink sink, CancellationToken cancellationToken)
    {
        _sink = sink;
        return Task.CompletedTask;
    }

    public ValueTask<AcceptOutcome> AcceptAsync(
        IntegrationEvent accepted, ImmutableArray<WebhookEndpoint> endpoints, CancellationToken cancellationToken)
    {
        var sink = _sink ?? throw new InvalidOperationException("The store is not open.");
        cancellationToken.ThrowIfCancellationRequested();

        // The sink is told inside the gate: it must hear of deliveries in order of sequence.
        lock (_gate)
        {
            if (!IsAdmitted(accepted.Priority, endpoints))
            {
                return ValueTask.FromResult(AcceptOutcome.QueueFull);
            }

            var sequence = ++_sequence;
            foreach (var endpoint in endpoints)
            {
                var delivery = new Delivery(sequence, accepted, endpoint.Id);
                PendingOf(endpoint.Id).Add(delivery);
                sink.Committed(delivery);
            }
        }

        return ValueTask.FromResult(AcceptOutcome.Accepted);
    }

    public ValueTask<IReadOnlyList<Delivery>> ReadPendingAsync(
        EndpointId endpoint, Priority priority, long afterSequence, int limit, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return ValueTask.FromResult(PendingOf(endpoint).Read(priority, afterSequence, limit));
        }
    }

    public void Record(Delivery delivery, DeliveryOutcome outcome)
    {
        lock (_gate)
        {
            PendingOf(delivery.EndpointId).Remove(delivery);
        }
    }

    public int Waiting(EndpointId endpoint)
    {
        lock (_gate)
        {
            return PendingOf(endpoint).Count;
        }
    }

    private bool IsAdmitted(Priority priority, ImmutableArray<WebhookEndpoint> endpoints)
    {
        foreach (var endpoint in endpoints)
        {
            if (endpoint.Queue.Admits(priority, PendingOf(endpoint.Id).Count))
            {
                return true;
            }
        }

        return endpoints.IsEmpty;
    }

    private PendingDeliveries PendingOf(EndpointId endpoint)
    {
        if (!_pending.TryGetValue(endpoint, out var pending))
        {
            _pending[endpoint] = pending = new PendingDeliveries();
        }

        return pending;
    }
}
