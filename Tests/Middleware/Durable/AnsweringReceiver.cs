using System.Collections.Concurrent;
using System.Text;
using Middleware.Domain;
using Middleware.UseCases;

namespace Tests.Middleware.Durable;

/// <summary>Stands for the receiver: keeps what is sent and answers with a status, or holds on to it.</summary>
internal sealed class AnsweringReceiver(TimeProvider clock) : IDeliveryClient
{
    private readonly ConcurrentQueue<Delivery> _sent = new();
    private TaskCompletionSource? _held;

    /// <summary>The status that deliveries are answered with.</summary>
    public int Status { get; set; } = 200;

    public IReadOnlyList<Delivery> Sent => [.. _sent];

    /// <summary>From now on deliveries are under way until <see cref="Release"/>, or until the service stops.</summary>
    public void Hold() => _held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Release() => _held?.TrySetResult();

    public async Task<DeliveryOutcome> SendAsync(Delivery delivery, WebhookEndpoint endpoint, StopSignals stop)
    {
        _sent.Enqueue(delivery);
        if (_held is { } held)
        {
            await held.Task.WaitAsync(stop.NoNewTries);
        }

        return new DeliveryOutcome([new Attempt
        {
            Number = delivery.AttemptsBefore + 1,
            StartedAt = clock.GetUtcNow(),
            Duration = TimeSpan.FromMilliseconds(12.5),
            StatusCode = Status,
            Reason = FailureReason.FromStatus(Status),
            Error = FailureReason.FromStatus(Status) is null ? null : $"HTTP status {Status}",
            Response = Encoding.UTF8.GetBytes("{\"seen\":true}"),
        }]);
    }
}
