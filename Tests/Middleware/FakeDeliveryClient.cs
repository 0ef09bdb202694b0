using System.Collections.Concurrent;
using Middleware.Domain;
using Middleware.UseCases;

namespace Tests.Middleware;

/// <summary>Stands for all receivers: keeps what is sent, holds it while told to, and answers as told.</summary>
internal sealed class FakeDeliveryClient : IDeliveryClient
{
    private readonly ConcurrentQueue<Delivery> _sent = new();
    private readonly ConcurrentQueue<DeliveryBatch> _batches = new();
    private readonly Lock _gate = new();
    private TaskCompletionSource _released = Released();
    private int _running;

    /// <summary>What comes of a delivery; delivered unless told otherwise.</summary>
    public Func<Delivery, DeliveryOutcome> Answer { get; set; } = _ => Made.Delivered();

    /// <summary>True: what fails stays between its tries until none may start any more.</summary>
    public bool KeepsTrying { get; set; }

    public IReadOnlyList<Delivery> Sent => [.. _sent];

    public int Running => Volatile.Read(ref _running);

    public int MostAtOnce { get; private set; }

    /// <summary>From now on no receiver answers.</summary>
    public void Hold() => _released = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Which deliveries are held while no receiver answers.</summary>
    public Func<Delivery, bool> Holds { get; set; } = static _ => true;

    public void Release() => _released.TrySetResult();

    /// <summary>What was sent together, in order.</summary>
    public IReadOnlyList<DeliveryBatch> Batches => [.. _batches];

    /// <summary>What comes of a batch; that of its first delivery unless told otherwise.</summary>
    public Func<DeliveryBatch, DeliveryOutcome>? AnswerBatch { get; set; }

    public Task<DeliveryOutcome> SendAsync(Delivery delivery, WebhookEndpoint endpoint, StopSignals stop) =>
        SendAsync([delivery], () => Answer(delivery), stop);

    public Task<DeliveryOutcome> SendAsync(DeliveryBatch batch, WebhookEndpoint endpoint, StopSignals stop)
    {
        _batches.Enqueue(batch);
        return SendAsync(batch.Deliveries, () => AnswerBatch?.Invoke(batch) ?? Answer(batch.Deliveries[0]), stop);
    }

    public Task<Attempt> TestAsync(Delivery delivery, WebhookEndpoint endpoint, CancellationToken cancellationToken) =>
        Task.FromResult(Answer(delivery).Last);

    private async Task<DeliveryOutcome> SendAsync(IReadOnlyList<Delivery> deliveries, Func<DeliveryOutcome> answer, StopSignals stop)
    {
        lock (_gate)
        {
            MostAtOnce = Math.Max(MostAtOnce, ++_running);
            foreach (var delivery in deliveries)
            {
                _sent.Enqueue(delivery);
            }
        }

        try
        {
            if (Holds(deliveries[0]))
            {
                await _released.Task.WaitAsync(stop.GiveUp);
            }

            var outcome = answer();
            foreach (var attempt in outcome.Attempts)
            {
                stop.Pass?.Note(attempt);
            }

            if (KeepsTrying && !outcome.IsDelivered)
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stop.NoNewTries);
            }

            return outcome;
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
