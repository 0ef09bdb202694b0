using System.Collections.Concurrent;
using System.Text;
using Middleware.Domain;
using Middleware.UseCases;

namespace Tests.Middleware.Durable;

/// <summary>Stands for the receiver: keeps what is sent and answers with a status, or holds on to it.</summary>
internal sealed class AnsweringReceiver(TimeProvider clock) : IDeliveryClient
{
    private readonly ConcurrentQueue<Delivery> _sent = new();
    private readonly ConcurrentQueue<DeliveryBatch> _batches = new();
    private TaskCompletionSource? _held;

    /// <summary>The status that deliveries are answered with.</summary>
    public int Status { get; set; } = 200;

    public IReadOnlyList<Delivery> Sent => [.. _sent];

    /// <summary>From now on deliveries are under way until <see cref="Release"/>, or until the service stops.</summary>
    public void Hold() => _held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Release() => _held?.TrySetResult();

    /// <summary>What was sent together, in order.</summary>
    public IReadOnlyList<DeliveryBatch> Batches => [.. _batches];

    /// <summary>The status that deliveries and batches with one of these event types are answered with in its place.</summary>
    public Dictionary<string, int> StatusOf { get; } = [];

    /// <summary>The status with which one endpoint, by its id, answers in their place.</summary>
    public ConcurrentDictionary<string, int> StatusAt { get; } = [];

    public Task<DeliveryOutcome> SendAsync(Delivery delivery, WebhookEndpoint endpoint, StopSignals stop) =>
        SendAsync([delivery], delivery.AttemptsBefore, endpoint, stop);

    public Task<DeliveryOutcome> SendAsync(DeliveryBatch batch, WebhookEndpoint endpoint, StopSignals stop)
    {
        _batches.Enqueue(batch);
        return SendAsync(batch.Deliveries, batch.AttemptsBefore.Count, endpoint, stop);
    }

    public Task<Attempt> TestAsync(Delivery delivery, WebhookEndpoint endpoint, CancellationToken cancellationToken) =>
        Task.FromResult(Answered(1, Status));

    private async Task<DeliveryOutcome> SendAsync(IReadOnlyList<Delivery> deliveries, int attemptsBefore, WebhookEndpoint endpoint, StopSignals stop)
    {
        foreach (var delivery in deliveries)
        {
            _sent.Enqueue(delivery);
        }

        if (_held is { } held)
        {
            await held.Task.WaitAsync(stop.NoNewTries);
        }

        var status = StatusAt.TryGetValue(endpoint.Id.Value, out var here)
            ? here
            : deliveries.Select(delivery => StatusOf.GetValueOrDefault(delivery.Event.EventType)).FirstOrDefault(status => status != 0, Status);
        return new DeliveryOutcome([Answered(attemptsBefore + 1, status)]);
    }

    private Attempt Answered(int number, int status) => new()
    {
        Number = number,
        StartedAt = clock.GetUtcNow(),
        Duration = TimeSpan.FromMilliseconds(12.5),
        StatusCode = status,
        Reason = FailureReason.FromStatus(status),
        Error = FailureReason.FromStatus(status) is null ? null : $"HTTP status {status}",
        Response = Encoding.UTF8.GetBytes("{\"seen\":true}"),
    };
}
