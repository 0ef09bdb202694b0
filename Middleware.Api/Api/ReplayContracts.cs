using Middleware.Domain;

namespace Middleware.Api;

/// <summary>What is being delivered again.</summary>
/// <param name="ReplayId">Receivers get it as <c>X-Replay-Id</c>.</param>
/// <param name="EventId">Unchanged, as is the <c>webhook-id</c>; null when the event cannot be read.</param>
/// <param name="Deliveries">What it came to for each endpoint.</param>
public sealed record ReplayAnswer(string ReplayId, string? EventId, IReadOnlyList<ReplayedItem> Deliveries);

/// <summary>The result of a replay for one endpoint.</summary>
/// <param name="DeliveryId"><c>event_id.endpoint_id</c>.</param>
/// <param name="EndpointId">The endpoint.</param>
/// <param name="Result"><c>queued</c>, <c>already_pending</c> or <c>endpoint_gone</c>.</param>
public sealed record ReplayedItem(string DeliveryId, string EndpointId, [property: OneOf<ReplayResult>] string Result);
