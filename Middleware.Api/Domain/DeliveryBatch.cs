namespace Middleware.Domain;

/// <summary>Deliveries of one endpoint that travel in one request. Who they are and the id are kept before it is sent, so that it is the same one after a crash.</summary>
internal sealed record DeliveryBatch
{
    /// <summary>The request's <c>webhook-id</c>, on each of its tries.</summary>
    public required Guid Id { get; init; }

    /// <summary>At least one, in the order in which the lane gave them.</summary>
    public required IReadOnlyList<Delivery> Deliveries { get; init; }

    /// <summary>The batch of which this is a half, which it replaces in the store; null for none.</summary>
    public Guid? HalfOf { get; init; }

    /// <summary>What became of the batches of which this is a part.</summary>
    public IReadOnlyList<Attempt> AttemptsBefore { get; init; } = [];

    public EndpointId EndpointId => Deliveries[0].EndpointId;

    public string IdText => Id.ToString("n");

    /// <summary>Its halves, when it was refused for what is in it.</summary>
    /// <param name="attempts">Its tries.</param>
    /// <param name="nextId">Makes their ids.</param>
    public (DeliveryBatch First, DeliveryBatch Second) Halve(IReadOnlyList<Attempt> attempts, Func<Guid> nextId)
    {
        var middle = Deliveries.Count / 2;
        return (Part(..middle), Part(middle..));

        DeliveryBatch Part(Range range) => new()
        {
            Id = nextId(),
            Deliveries = [.. Deliveries.Take(range)],
            HalfOf = Id,
            AttemptsBefore = attempts,
        };
    }
}
