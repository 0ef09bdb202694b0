namespace AspireIntegration.Client.Operating;

/// <summary>A replay of one event.</summary>
public sealed record ReplayAnswer
{
    /// <summary>The id, which receivers get as <c>X-Replay-Id</c>.</summary>
    public string ReplayId { get => field ?? ""; init; }

    /// <summary>The id of the event, unchanged as is the <c>webhook-id</c>; null when the event cannot be read.</summary>
    public string? EventId { get; init; }

    /// <summary>The result for each endpoint.</summary>
    public IReadOnlyList<ReplayedItem> Deliveries { get => field ?? []; init; }
}

/// <summary>The result of a replay for one endpoint.</summary>
public sealed record ReplayedItem
{
    /// <summary><c>event_id.endpoint_id</c>.</summary>
    public string DeliveryId { get => field ?? ""; init; }

    /// <summary>The endpoint.</summary>
    public string EndpointId { get => field ?? ""; init; }

    /// <summary><c>queued</c>, <c>already_pending</c> or <c>endpoint_gone</c>.</summary>
    public ReplayResult Result { get; init; }
}

/// <summary>The endpoint of a replay.</summary>
public sealed record ReplayRequest
{
    /// <summary>The only endpoint that gets it; null for all that matched.</summary>
    public string? EndpointId { get; init; }
}
