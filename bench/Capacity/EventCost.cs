namespace Bench.Capacity;

/// <summary>A cost of an event that grows with its size and with the endpoints that it matches.</summary>
/// <param name="Fixed">For each event.</param>
/// <param name="PerDelivery">For each endpoint that it matches.</param>
/// <param name="PerKibibyte">For each KiB of its body, however many endpoints it matches.</param>
/// <param name="PerDeliveredKibibyte">For each KiB of its body and endpoint.</param>
internal sealed record EventCost(double Fixed, double PerDelivery, double PerKibibyte, double PerDeliveredKibibyte)
{
    public double Of(double kibibytes, double deliveries) => Fixed + (PerDelivery * deliveries) + (kibibytes * (PerKibibyte + (PerDeliveredKibibyte * deliveries)));

    /// <summary>The cost of one delivery more.</summary>
    public double OfDelivery(double kibibytes) => PerDelivery + (PerDeliveredKibibyte * kibibytes);

    /// <summary>The parts of the one or of the other, whichever are higher.</summary>
    public EventCost OrHigher(EventCost other) => new(
        Math.Max(Fixed, other.Fixed), Math.Max(PerDelivery, other.PerDelivery), Math.Max(PerKibibyte, other.PerKibibyte), Math.Max(PerDeliveredKibibyte, other.PerDeliveredKibibyte));

    /// <summary>The cost that has the values of three loads: small events to one endpoint, small ones to several, and large ones to one. No part of it is below 0.</summary>
    /// <param name="small">The KiB of a small event.</param>
    /// <param name="one">The cost of small events to one.</param>
    /// <param name="large">The KiB of a large event.</param>
    /// <param name="ofLarge">The cost of large events to one.</param>
    /// <param name="several">The endpoints of several.</param>
    /// <param name="ofSeveral">The cost of small events to several.</param>
    /// <param name="isDelivered">Whether a KiB costs as much again with each delivery.</param>
    public static EventCost Through(double small, double one, double large, double ofLarge, int several, double ofSeveral, bool isDelivered)
    {
        var kibibyte = Math.Max(0, (ofLarge - one) / (large - small) / (isDelivered ? 2 : 1));
        var delivered = isDelivered ? kibibyte : 0;
        var delivery = Math.Max(0, ((ofSeveral - one) / (several - 1)) - (delivered * small));
        return new EventCost(Math.Max(0, one - delivery - (small * (kibibyte + delivered))), delivery, kibibyte, delivered);
    }
}
