using System.Collections.Concurrent;
using System.Text;
using Middleware.Delivering;
using Middleware.Endpoints;
using Middleware.Events;

namespace Tests.Middleware;

/// <summary>Stands for all receivers: keeps what is sent, holds it on demand, and answers with a status or by a delegate.</summary>
internal sealed class FakeDeliveryClient(TimeProvider? clock = null) : IDeliveryClient
{
    private readonly ConcurrentQueue<Delivery> _sent = new();
    private readonly ConcurrentQueue<Shipment> _batches = new();
    private readonly Lock _gate = new();
    private TaskCompletionSource? _held;
    private int _running;

    /// <summary>The status that deliveries are answered with.</summary>
    public int Status { get; set; } = 200;

    /// <summary>The status that deliveries and batches with one of these event types are answered with in its place.</summary>
    public Dictionary<string, int> StatusOf { get; } = [];

    /// <summary>The status with which one endpoint, by its id, answers in their place.</summary>
    public ConcurrentDictionary<string, int> StatusAt { get; } = [];

    /// <summary>The answer to a try of a delivery, in the place of all statuses.</summary>
    public Func<Delivery, Attempt>? Answer { get; set; }

    /// <summary>The answer to a batch; that to its first delivery unless set otherwise.</summary>
    public Func<Shipment, Attempt>? AnswerBatch { get; set; }

    public IReadOnlyList<Delivery> Sent => [.. _sent];

    /// <summary>The batches that were sent, in order.</summary>
    public IReadOnlyList<Shipment> Batches => [.. _batches];

    public int Running => Volatile.Read(ref _running);

    public int MostAtOnce { get; private set; }

    /// <summary>Which deliveries are held while no receiver answers.</summary>
    public Func<Delivery, bool> Holds { get; set; } = static _ => true;

    /// <summary>From now on no receiver answers, until <see cref="Release"/> or until the sender gives up.</summary>
    public void Hold() => _held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Release() => _held?.TrySetResult();

    /// <summary>Ends what is held without an answer.</summary>
    public CancellationToken Closed { get; set; }

    public Task<Attempt> TestAsync(Shipment shipment, WebhookEndpoint endpoint, CancellationToken cancellationToken) =>
        Task.FromResult(AnswerTo(shipment, endpoint));

    public async Task<Attempt> SendAsync(Shipment shipment, WebhookEndpoint endpoint, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            MostAtOnce = Math.Max(MostAtOnce, ++_running);
            foreach (var delivery in shipment.Deliveries)
            {
                _sent.Enqueue(delivery);
            }
        }

        if (shipment.BatchId is not null)
        {
            _batches.Enqueue(shipment);
        }

        try
        {
            if (_held is { } held && Holds(shipment.First))
            {
                await held.Task.WaitAsync(cancellationToken).WaitAsync(Closed);
            }

            return AnswerTo(shipment, endpoint) with { BatchId = shipment.BatchId, Number = shipment.NextNumber };
        }
        finally
        {
            lock (_gate)
            {
                _running--;
            }
        }
    }

    private Attempt AnswerTo(Shipment shipment, WebhookEndpoint endpoint)
    {
        if (shipment.BatchId is not null && AnswerBatch is { } answerBatch)
        {
            return answerBatch(shipment);
        }

        return Answer is { } answer ? answer(shipment.First) : AnswerBy(StatusFor(shipment, endpoint));
    }

    private int StatusFor(Shipment shipment, WebhookEndpoint endpoint) => StatusAt.TryGetValue(endpoint.Id.Value, out var here)
        ? here
        : shipment.Deliveries.Select(delivery => StatusOf.GetValueOrDefault(delivery.Event.EventType)).FirstOrDefault(status => status != 0, Status);

    private Attempt AnswerBy(int status) => Made.Attempt(status, FailureReason.FromStatus(status)) with
    {
        StartedAt = clock?.GetUtcNow() ?? TestClock.Noon,
        Duration = TimeSpan.FromMilliseconds(12.5),
        Error = FailureReason.FromStatus(status) is null ? null : $"HTTP status {status}",
        Response = Encoding.UTF8.GetBytes("{\"seen\":true}"),
    };
}
