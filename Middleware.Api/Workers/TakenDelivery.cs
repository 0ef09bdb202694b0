using Middleware.Domain;

namespace Middleware.Workers;

/// <summary>A delivery that a worker took, and the pass by which it is under way.</summary>
internal readonly record struct TakenDelivery(Delivery Delivery, CircuitPass Pass);
