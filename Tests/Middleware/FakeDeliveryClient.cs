using System.Collections.Concurrent;
using Middleware.Delivering;
using Middleware.Endpoints;
using Middleware.Events;

namespace Tests.Middleware;

/// <summary>Stands for all receivers: keeps what is sent, holds it while told to, and answers as told.</summary>
internal sealed class FakeDeliveryClient : IDeliveryClient
{
    private readonly ConcurrentQueue<Delivery> _sent = new();
    private readonly ConcurrentQueue<Shipment> _batches = new();
    private readonly Lock _gate = new();
    private TaskCompletionSource _released = Released();
    private int _running;

    /// <summary>The answer to a try of a delivery; delivered unless set otherwise.</summary>
    public Func<Delivery, Attempt> Answer { get; set; } = _ => Made.Delivered();

    public IReadOnlyList<Delivery> Sent => [.. _sent];

    public int Running => Volatile.Read(ref _running);

    public int MostAtOnce { get; private set; }

    /// <summary>From now on no receiver answers.</summary>
    public void Hold() => _released = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Which deliveries are held while no receiver answers.</summary>
    public Func<Delivery, bool> Holds { get; set; } = static _ => true;

    public void Release() => _released.TrySetResult();

    /// <summary>What was sent together, in order.</summary>
    public IReadOnlyList<Shipment> Batches => [.. _batches];

    /// <summary>The answer to a batch; that to its first delivery unless set otherwise.</summary>
    public Func<Shipment, Attempt>? AnswerBatch { get; set; }

    public Task<Attempt> TestAsync(Shipment shipment, WebhookEndpoint endpoint, CancellationToken cancellationToken) =>
        Task.FromResult(Answer(shipment.First));

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
            if (Holds(shipment.First))
            {
                await _released.Task.WaitAsync(cancellationToken);
            }

            var answer = shipment.BatchId is not null && AnswerBatch is { } batch ? batch(shipment) : Answer(shipment.First);
            return answer with { BatchId = shipment.BatchId, Number = shipment.NextNumber };
        }
        finally
        {
            lock (_gate)
            {
                _running--;
            }
        }
    }

    private static TaskCompletionSource Released()
    {
        var released = new TaskCompletionSource();
        released.SetResult();
        return released;
    }
}
