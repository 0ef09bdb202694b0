using System.Collections.Concurrent;
using Middleware.Domain;
using Middleware.UseCases;

namespace Tests.Middleware.Durable;

/// <summary>Stands for the receiver: keeps what is sent and answers with a status.</summary>
internal sealed class AnsweringReceiver : IDeliveryClient
{
    private readonly ConcurrentQueue<Delivery> _sent = new();
    private TaskCompletionSource? _held;

    public int Status { get; set; } = 200;

    public IReadOnlyList<Delivery> Sent => [.. _sent];

    /// <summary>From now on it does not answer.</summary>
    public void Hold() => _held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Release() => _held?.TrySetResult();

    public async Task<DeliveryOutcome> SendAsync(Delivery delivery, WebhookEndpoint endpoint, StopSignals stop)
    {
        _sent.Enqueue(delivery);
        if (_held is { } held)
        {
            await held.Task.WaitAsync(stop.NoNewTries);
        }

        return DurableStore.Outcome(Status);
    }
}
