using Middleware.Endpoints;
using Middleware.Events;

namespace Middleware.Delivering;

/// <summary>
/// The lanes that this replica serves. A lane is served by one replica at a time. A store for one process owns all of them.
/// </summary>
internal interface ILaneOwnership
{
    /// <summary>The lanes of an endpoint in all: that of its settings, or a single one.</summary>
    LaneLayout LayoutOf(WebhookEndpoint endpoint);

    /// <summary>The lanes of an endpoint that this replica is to serve now.</summary>
    IReadOnlyList<LaneId> LanesOf(WebhookEndpoint endpoint);

    /// <summary>True while this replica owns the lane of an endpoint, or that of a shard, whether it may serve it yet or not.</summary>
    bool Owns(EndpointId endpoint, int shard = 0);

    /// <summary>True while no other replica owns a lane.</summary>
    bool IsAlone { get; }

    /// <summary>True for the one replica that does the work which all have in common, such as redelivery and retention.</summary>
    bool IsFirst { get; }

    /// <summary>False while another replica may have taken the lanes over: no attempt may start. Read before each attempt; costs next to nothing.</summary>
    bool IsSure { get; }

    /// <summary>Completes when <see cref="IsSure"/> is true again.</summary>
    Task WhenSureAsync(CancellationToken cancellationToken);

    /// <summary>Takes lanes from now on, and has <paramref name="lanes"/> serve and leave them.</summary>
    Task StartAsync(IOwnedLanes lanes, CancellationToken cancellationToken);

    /// <summary>
    /// Hands all lanes over to other replicas, each when its attempts under way have ended. Those that have not when <c>SHUTDOWN_TIMEOUT</c> has passed are broken off.
    /// </summary>
    Task StopAsync(CancellationToken cancellationToken);
}

/// <summary>The lanes of this replica, for its ownership.</summary>
internal interface IOwnedLanes
{
    /// <summary>Serves lanes that were gained. What is pending for them is read anew.</summary>
    void Gained(Func<LaneId, bool> which);

    /// <summary>
    /// Starts no more attempts on lanes, and returns when those under way have ended and their outcomes are in the store's hands. A cancellation breaks them off, which leaves
    /// them unrecorded.
    /// </summary>
    Task LeaveAsync(Func<LaneId, bool> which, CancellationToken cancellationToken);

    /// <summary>Starts no more attempts on lanes that are lost. Those under way may end: a success is recorded if it is still owed.</summary>
    void Lost(Func<LaneId, bool> which);

    /// <summary>Breaks off the attempts under way of lost lanes, and leaves them unrecorded.</summary>
    void BreakOff();

    /// <summary>True for a lane that is served.</summary>
    bool Serves(LaneId lane);

    /// <summary>True while attempts are under way of a shard's lane of a former layout.</summary>
    bool IsEnding(EndpointId endpoint, int shard, LaneLayout layout);
}

/// <summary>The ownership of a store for one process: all lanes, always, and one for each endpoint. Shards would share its limits with nobody.</summary>
internal sealed class OwnsAll : ILaneOwnership
{
    public static readonly OwnsAll Instance = new();

    public bool IsAlone => true;

    public bool IsFirst => true;

    public bool IsSure => true;

    public LaneLayout LayoutOf(WebhookEndpoint endpoint) => LaneLayout.Single;

    public IReadOnlyList<LaneId> LanesOf(WebhookEndpoint endpoint) => [LaneId.Whole(endpoint.Id)];

    public bool Owns(EndpointId endpoint, int shard = 0) => true;

    public Task WhenSureAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(IOwnedLanes lanes, CancellationToken cancellationToken)
    {
        lanes.Gained(static _ => true);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
