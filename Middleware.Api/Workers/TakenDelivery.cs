using Middleware.Domain;

namespace Middleware.Workers;

/// <summary>What a worker took, and the pass by which it is under way.</summary>
/// <param name="Delivery">The first of them.</param>
/// <param name="Batch">What travels together; null for a delivery of its own.</param>
/// <param name="Pass">To be left.</param>
internal readonly record struct TakenDelivery(Delivery Delivery, DeliveryBatch? Batch, CircuitPass Pass);
