using System.Collections.Immutable;
using Middleware.Domain;
using Middleware.UseCases;

namespace Tests.Middleware.Workers;

/// <summary>A store for lanes: what is committed stays pending until it is recorded, and reads fail when told to.</summary>
internal sealed class ListStore : IEventStore
{
    private readonly Lock _gate = new();
    private readonly SortedList<long, Delivery>[] _pending = [[], [], [], []];
    private readonly Queue<Exception> _failures = new();
    private long _sequence;

    public bool IsDurable { get; init; } = true;

    /// <summary>Hears of what is committed.</summary>
    public Action<Delivery> Told { get; set; } = _ => { };

    public int Reads { get; private set; }

    public int DeliveriesRead { get; private set; }

    public int LargestPage { get; private set; }

    /// <summary>The next reads fail with these.</summary>
    public void FailReads(params Exception[] exceptions) => Array.ForEach(exceptions, _failures.Enqueue);

    public Delivery Commit(Priority priority = Priority.Low)
    {
        lock (_gate)
        {
            var delivery = Made.Delivery(++_sequence, priority);
            _pending[(int)priority].Add(delivery.Sequence, delivery);
            Told(delivery);
            return delivery;
        }
    }

    public List<Delivery> Commit(int count, Priority priority = Priority.Low) => [.. Enumerable.Range(0, count).Select(_ => Commit(priority))];

    public ValueTask<IReadOnlyList<Delivery>> ReadPendingAsync(
        EndpointId endpoint, Priority priority, long afterSequence, int limit, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            Reads++;
            LargestPage = Math.Max(LargestPage, limit);
            if (_failures.TryDequeue(out var failure))
            {
                return ValueTask.FromException<IReadOnlyList<Delivery>>(failure);
            }

            var rows = _pending[(int)priority];
            var page = new List<Delivery>(limit);
            for (var index = FirstAfter(rows.Keys, afterSequence); index < rows.Count && page.Count < limit; index++)
            {
                page.Add(rows.Values[index]);
            }

            DeliveriesRead += page.Count;
            return ValueTask.FromResult<IReadOnlyList<Delivery>>(page);
        }
    }

    public Task OpenAsync(IDeliverySink sink, CancellationToken cancellationToken)
    {
        Told = sink.Committed;
        return Task.CompletedTask;
    }

    public ValueTask<AcceptOutcome> AcceptAsync(
        IntegrationEvent accepted, ImmutableArray<WebhookEndpoint> endpoints, CancellationToken cancellationToken) => throw new NotSupportedException();

    public void Record(Delivery delivery, DeliveryOutcome outcome)
    {
        lock (_gate)
        {
            _pending[(int)delivery.Event.Priority].Remove(delivery.Sequence);
        }
    }

    public int Waiting(EndpointId endpoint)
    {
        lock (_gate)
        {
            return _pending.Sum(rows => rows.Count);
        }
    }

    private static int FirstAfter(IList<long> sequences, long sequence)
    {
        var (low, high) = (0, sequences.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = sequences[middle] <= sequence ? (middle + 1, high) : (low, middle);
        }

        return low;
    }
}
