using AspireIntegration.Client.Operating;

namespace AspireIntegration.Console.Streaming;

/// <summary>The events of the middleware, as they are accepted.</summary>
public interface IEventFeed
{
    /// <summary>Follows events until the connection ends. Each moves the place on. A null comes first, once the connection stands.</summary>
    /// <param name="asked">The events that are asked for.</param>
    /// <param name="place">The place after which they begin; a new one begins with the next event.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="Client.AspireIntegrationException">The middleware refuses it.</exception>
    /// <exception cref="HttpRequestException">The connection failed.</exception>
    IAsyncEnumerable<EventItem?> FollowAsync(StreamAsk asked, StreamPlace place, CancellationToken cancellationToken);
}

/// <summary>The events that are asked for: those for which all given parts hold.</summary>
/// <param name="Query">The parts that a list of events knows too.</param>
/// <param name="Filter">CloudEvents SQL; null for none.</param>
public sealed record StreamAsk(EventQuery Query, string? Filter);

/// <summary>A place in the stream, at which it goes on after a pause.</summary>
public sealed class StreamPlace
{
    /// <summary>The id of the last event; null before the connection stood once.</summary>
    public string? LastId { get; set; }
}
