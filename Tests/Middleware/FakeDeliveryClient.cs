using System.Collections.Concurrent;
using Middleware.Domain;
using Middleware.UseCases;

namespace Tests.Middleware;

/// <summary>Stands for all receivers: keeps what is sent, holds it while told to, and answers as told.</summary>
internal sealed class FakeDeliveryClient : IDeliveryClient
{
    private readonly ConcurrentQueue<Delivery> _sent = new();
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

    public void Release() => _released.TrySetResult();

    public async Task<DeliveryOutcome> SendAsync(Delivery delivery, WebhookEndpoint endpoint, StopSignals stop)
    {
        lock (_gate)
        {
            MostAtOnce = Math.Max(MostAtOnce, ++_running);
            _sent.Enqueue(delivery);
        }

        try
        {
            await _released.Task.WaitAsync(stop.GiveUp);
            var outcome = Answer(delivery);
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
