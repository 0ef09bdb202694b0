using Middleware.Domain;

namespace Middleware.Workers;

/// <summary>The shipment that a worker took, and the pass by which it is under way.</summary>
/// <param name="Shipment">What to deliver.</param>
/// <param name="Pass">To be left.</param>
internal readonly record struct TakenShipment(Shipment Shipment, CircuitPass Pass);
