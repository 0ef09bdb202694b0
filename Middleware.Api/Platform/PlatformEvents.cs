using System.Threading.Channels;
using Middleware.Accepting;
using Middleware.Delivering;
using Middleware.Endpoints;
using Middleware.Events;
using ServiceDefaults;
using ServiceDefaults.Logging;

namespace Middleware.Platform;

/// <summary>
/// Posts events of the platform itself through the way of all events. An operator's endpoint can so get notice of another that is disabled, whose
/// circuit opened or whose dead letters begin to grow. Each endpoint and kind has at most one a minute, and none goes to the endpoint it is about.
/// </summary>
internal sealed partial class PlatformEvents : IDisposable
{
    /// <summary>The pause between two events of the same kind and endpoint. A delivery given up after such a pause counts as a beginning.</summary>
    public static readonly TimeSpan Quiet = TimeSpan.FromMinutes(1);

    /// <summary>The most events that wait to be posted.</summary>
    public const int MostWaiting = 256;

    // Full mode: an event without room is dropped, and a line says so. So many wait only while the store is slow or fails, or while the loop rests
    // after a defect.
    private readonly Channel<PlatformEvent> _told;
    private readonly LogCap _lines;
    private readonly Dictionary<(string Type, EndpointId About), DateTimeOffset> _last = [];
    private readonly AcceptEvent _accept;
    private readonly EndpointRegistry _endpoints;
    private readonly TimeProvider _clock;
    private readonly ILogger<PlatformEvents> _logger;

    public PlatformEvents(
        AcceptEvent accept,
        EndpointRegistry endpoints,
        TimeProvider clock,
        ILogger<PlatformEvents> logger)
    {
        _accept = accept;
        _endpoints = endpoints;
        _clock = clock;
        _logger = logger;
        _lines = new LogCap(clock, NotPostedLinesLeftOut);
        _told = Channel.CreateBounded<PlatformEvent>(new BoundedChannelOptions(MostWaiting) { FullMode = BoundedChannelFullMode.DropWrite }, LeftOut);
    }

    /// <summary>Waits for the next event of the platform and posts it. An event that is not posted at the stop is dropped: the log has it.</summary>
    public async Task PostNextAsync(CancellationToken cancellationToken) =>
        await PostAsync(await _told.Reader.ReadAsync(cancellationToken), cancellationToken);

    public void Dispose() => _lines.Dispose();

    private async Task PostAsync(PlatformEvent told, CancellationToken cancellationToken)
    {
        var routed = _accept.Route(told.ToReceived(), Ids.Create(_clock.GetUtcNow()).ToString("n"), traceParent: null);
        routed = routed with { Endpoints = routed.Endpoints.RemoveAll(endpoint => endpoint.Id == told.About) };
        if (routed.Endpoints.IsEmpty)
        {
            // No endpoint matches it, and the log has said it: no event of ours among those of the sources.
            return;
        }

        var created = routed.Event;
        try
        {
            var result = await _accept.ExecuteAsync([routed], claim: null, cancellationToken);
            if (result.Kind == AcceptKind.Busy || !result.Events[0].IsAccepted)
            {
                var why = result.Kind == AcceptKind.Busy ? "too much waits to be written" : "every endpoint that matches it has a full queue";
                NotPosted(created.CorrelationId, created.IdText, told.Type, told.About.Value, why);
            }
        }
        catch (StoreUnavailableException exception)
        {
            NotPosted(created.CorrelationId, created.IdText, told.Type, told.About.Value, exception.Message);
        }
    }

    /// <summary>Posts that an enabled endpoint was disabled, and forgets an endpoint that is gone.</summary>
    public void Follow(EndpointChanged change)
    {
        if (change.Now is null)
        {
            Forget(change.Id);
        }
        else if (change is { Before.IsEnabled: true, Now.IsEnabled: false, IsByAnother: false })
        {
            Disabled(change.Now);
        }
    }

    private void Disabled(WebhookEndpoint endpoint)
    {
        var why = endpoint.Disabled switch
        {
            DisabledReason.Gone => "it answered 410",
            DisabledReason.Failing => "it failed for AUTO_DISABLE_AFTER without one success",
            DisabledReason.Configuration => "the configuration says so, or declares it no more",
            _ => "an operator says so",
        };
        Tell(new PlatformEvent(
            PlatformEvent.EndpointDisabled,
            "error",
            endpoint.Id,
            $"The endpoint {NameOf(endpoint.Id)} is disabled: {why}. Its events wait until it is enabled.",
            ("reason", endpoint.Disabled?.Name())));
    }

    /// <summary>Posts that a closed circuit opened.</summary>
    public void Opened(EndpointId endpoint, CircuitOpening opening)
    {
        if (opening.WasClosed)
        {
            var failed = opening.Failures.Values.Sum();
            Tell(new PlatformEvent(
                PlatformEvent.CircuitOpened,
                "warning",
                endpoint,
                $"The circuit of the endpoint {NameOf(endpoint)} opened: {failed} of {opening.Tries} attempts failed ({Circuits.Text(opening.Failures)}). Its events wait.",
                ("tries", opening.Tries),
                ("failures", failed)));
        }
    }

    /// <summary>Posts that the dead letters of an endpoint begin to grow.</summary>
    public void GivenUp(Delivery delivery, Attempt last)
    {
        var endpoint = delivery.EndpointId;
        if (IsFirst((PlatformEvent.DeadLettersGrowing, endpoint), evenIfLeftOut: true))
        {
            Post(new PlatformEvent(
                PlatformEvent.DeadLettersGrowing,
                "error",
                endpoint,
                $"Deliveries to the endpoint {NameOf(endpoint)} are given up again ({last.Reason}).",
                ("reason", last.Reason),
                ("event_id", delivery.Event.IdText)));
        }
    }

    private void Tell(PlatformEvent told)
    {
        if (IsFirst((told.Type, told.About), evenIfLeftOut: false))
        {
            Post(told);
        }
    }

    private void Post(PlatformEvent told) => _told.Writer.TryWrite(told);

    private void LeftOut(PlatformEvent told)
    {
        if (_lines.Allows())
        {
            NotPosted(correlationId: null, eventId: null, told.Type, told.About.Value, "too many others wait to be posted");
        }
    }

    /// <summary>True when it is the first of its kind for a while.</summary>
    /// <param name="kind">The type and the endpoint.</param>
    /// <param name="evenIfLeftOut">True when the while begins with each, not only with the first.</param>
    private bool IsFirst((string Type, EndpointId About) kind, bool evenIfLeftOut)
    {
        var now = _clock.GetUtcNow();
        lock (_last)
        {
            var isFirst = !_last.TryGetValue(kind, out var last) || now - last >= Quiet;

            // A delivery that was under way may end after its endpoint was forgotten: nothing would take it out again.
            if ((isFirst || evenIfLeftOut) && _endpoints.Find(kind.About) is not null)
            {
                _last[kind] = now;
            }

            return isFirst;
        }
    }

    private void Forget(EndpointId endpoint)
    {
        lock (_last)
        {
            foreach (var type in (string[])[PlatformEvent.EndpointDisabled, PlatformEvent.CircuitOpened, PlatformEvent.DeadLettersGrowing])
            {
                _last.Remove((type, endpoint));
            }
        }
    }

    private string NameOf(EndpointId id) => _endpoints.Find(id) is { Name: { Length: > 0 } name } ? $"{name} ({id})" : id.Value;

    [LoggerMessage(LogLevel.Warning, "event of the platform not posted")]
    private partial void NotPosted(string? correlationId, string? eventId, string eventType, string endpoint, string error);

    [LoggerMessage(LogLevel.Warning, "event of the platform not posted: more in the last second")]
    private partial void NotPostedLinesLeftOut(int leftOut);
}
