using Middleware.Domain;

namespace Middleware.UseCases;

/// <summary>The result of a change.</summary>
/// <param name="Endpoint">As it is now; null when it could not be changed.</param>
/// <param name="FallbackFault">What is wrong with its fallback; null for nothing.</param>
internal readonly record struct EndpointChange(RegisteredEndpoint? Endpoint, string? FallbackFault = null)
{
    /// <summary>The most endpoints there may be, when that many exist; null while there is room.</summary>
    public int? MostEndpoints { get; init; }
}

/// <summary>Where an endpoint stands among all: by origin, then by id.</summary>
internal readonly record struct EndpointPlace(EndpointOrigin Origin, string Id) : IComparable<EndpointPlace>
{
    public static EndpointPlace Of(WebhookEndpoint endpoint) => new(endpoint.Origin, endpoint.Id.Value);

    public int CompareTo(EndpointPlace other) => Origin == other.Origin ? string.CompareOrdinal(Id, other.Id) : other.Origin.CompareTo(Origin);
}
