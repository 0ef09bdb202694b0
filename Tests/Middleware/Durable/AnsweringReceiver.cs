using System.Collections.Concurrent;
using System.Text;
using Middleware.Delivering;
using Middleware.Endpoints;
using Middleware.Events;

namespace Tests.Middleware.Durable;

/// <summary>Stands for the receiver: keeps what is sent and answers with a status, or holds on to it.</summary>
internal sealed class AnsweringReceiver(TimeProvider clock) : IDeliveryClient
{
    private readonly ConcurrentQueue<Delivery> _sent = new();
    private readonly ConcurrentQueue<Shipment> _batches = new();
    private TaskCompletionSource? _held;

    /// <summary>The status that deliveries are answered with.</summary>
    public int Status { get; set; } = 200;

    public IReadOnlyList<Delivery> Sent => [.. _sent];

    /// <summary>From now on deliveries are under way until <see cref="Release"/>, or until the service stops.</summary>
    public void Hold() => _held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Release() => _held?.TrySetResult();

    /// <summary>What was sent together, in order.</summary>
    public IReadOnlyList<Shipment> Batches => [.. _batches];

    /// <summary>The status that deliveries and batches with one of these event types are answered with in its place.</summary>
    public Dictionary<string, int> StatusOf { get; } = [];

    /// <summary>The status with which one endpoint, by its id, answers in their place.</summary>
    public ConcurrentDictionary<string, int> StatusAt { get; } = [];

    public Task<Attempt> TestAsync(Shipment shipment, WebhookEndpoint endpoint, CancellationToken cancellationToken) =>
        Task.FromResult(Answered(shipment, Status));

    public async Task<Attempt> SendAsync(Shipment shipment, WebhookEndpoint endpoint, CancellationToken cancellationToken)
    {
        foreach (var delivery in shipment.Deliveries)
        {
            _sent.Enqueue(delivery);
        }

        if (shipment.BatchId is not null)
        {
            _batches.Enqueue(shipment);
        }

        if (_held is { } held)
        {
            await held.Task.WaitAsync(cancellationToken);
        }

        var status = StatusAt.TryGetValue(endpoint.Id.Value, out var here)
            ? here
            : shipment.Deliveries.Select(delivery => StatusOf.GetValueOrDefault(delivery.Event.EventType)).FirstOrDefault(status => status != 0, Status);
        return Answered(shipment, status);
    }

    private Attempt Answered(Shipment shipment, int status) => new()
    {
        BatchId = shipment.BatchId,
        Number = shipment.NextNumber,
        StartedAt = clock.GetUtcNow(),
        Duration = TimeSpan.FromMilliseconds(12.5),
        StatusCode = status,
        Reason = FailureReason.FromStatus(status),
        Error = FailureReason.FromStatus(status) is null ? null : $"HTTP status {status}",
        Response = Encoding.UTF8.GetBytes("{\"seen\":true}"),
    };
}
