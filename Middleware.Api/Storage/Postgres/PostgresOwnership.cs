using System.Collections.Immutable;
using Middleware.Delivering;
using Middleware.Endpoints;
using Middleware.Events;
using Middleware.Telemetry;

namespace Middleware.Storage.Postgres;

/// <summary>
/// The lanes that this replica owns: those in slots whose advisory locks its writer's session holds. Twice a second it reads all locks, takes the free slots that
/// are meant for it and hands over those that are meant for another.
/// </summary>
internal sealed partial class PostgresOwnership(
    PostgresEngine engine, EndpointRegistry endpoints, ShutdownSettings shutdown, Defects defects, TimeProvider clock, ILogger<PostgresOwnership> logger)
    : ILaneOwnership, IAsyncDisposable
{
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan Watch = TimeSpan.FromMilliseconds(100);

    private readonly OwnedSlots _slots = new();
    private readonly DrainedShards _drained = new();

    // Cancelled and not disposed: the container may dispose of it twice, by its two names.
    private readonly CancellationTokenSource _stopped = new();
    private readonly CancellationTokenSource _giveUp = new();
    private IOwnedLanes? _lanes;
    private Layouts _layouts = new([]);
    private Task _rounds = Task.CompletedTask;
    private Task _watch = Task.CompletedTask;
    private Task _handingOver = Task.CompletedTask;
    private bool _isBrokenOff;

    public bool IsSure => engine.SinceProof < engine.AdoptAfter / 2;

    public bool IsAlone => Slots == SlotPlan.Slots;

    /// <summary>The number of owned slots.</summary>
    public int Slots => _slots.Count;

    public bool Owns(EndpointId endpoint, int shard = 0) => _slots.Has(SlotPlan.SlotOf(endpoint, shard));

    public LaneLayout LayoutOf(WebhookEndpoint endpoint) => endpoint.Layout;

    public IReadOnlyList<LaneId> LanesOf(WebhookEndpoint endpoint) => _drained.LanesOf(endpoint, _slots);

    /// <summary>True for the one replica that does the work which all have in common.</summary>
    public bool IsFirst => _slots.Has(0);

    public async Task WhenSureAsync(CancellationToken cancellationToken)
    {
        while (!IsSure)
        {
            await Task.Delay(Watch, clock, cancellationToken);
        }
    }

    public async Task StartAsync(IOwnedLanes lanes, CancellationToken cancellationToken)
    {
        _lanes = lanes;
        engine.SessionEnded += LoseSession;
        await engine.OnSessionAsync(static session => session.Join());
        await RoundAsync();
        _rounds = Task.Run(() => BesideTheWriter.RepeatAsync(Interval, RoundAsync, RoundFailed, defects, clock, _stopped.Token), CancellationToken.None);
        _watch = Task.Run(() => BesideTheWriter.RepeatAsync(Watch, BreakOffAsync, RoundFailed, defects, clock, _stopped.Token), CancellationToken.None);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopped.CancelAsync();
        await _rounds;
        using var ended = new CancellationTokenSource();
        var pings = PingAsync(ended.Token);
        await using var bound = clock.CreateTimer(static giveUp => ((CancellationTokenSource)giveUp!).Cancel(), _giveUp, shutdown.Timeout, Timeout.InfiniteTimeSpan);
        try
        {
            await HandAllOverAsync().WaitAsync(cancellationToken);
            AllHandedOver(Slots);
        }
        catch (Exception exception) when (exception is StoreUnavailableException or OperationCanceledException)
        {
            // The end of the session frees them all.
            NotHandedOver(exception.Message);
        }
        finally
        {
            await ended.CancelAsync();
            await pings;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopped.CancelAsync();
        await _rounds;
        await _watch;
        engine.SessionEnded -= LoseSession;
    }

    private async Task HandAllOverAsync()
    {
        await _handingOver;

        // The others count one member less, and take each slot as soon as it is free.
        await engine.OnSessionAsync(static session => session.LeaveMembers());
        await Task.WhenAll(_slots.All.Select(slot => HandOverAsync([slot])));
    }

    /// <summary>Breaks off what is under way when no answer has come for so long that the others may have the lanes soon.</summary>
    private Task BreakOffAsync()
    {
        var isOverdue = engine.SinceProof > engine.AdoptAfter * 0.9;
        if (isOverdue && !_isBrokenOff)
        {
            LoseAll();
            _lanes!.BreakOff();
            BrokenOff(engine.SinceProof.TotalSeconds);
        }

        _isBrokenOff = isOverdue;
        return Task.CompletedTask;
    }

    /// <summary>Keeps the session alive in place of the rounds: attempts may take longer than a silent one lives.</summary>
    private async Task PingAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await engine.OnSessionAsync(static session => session.Ping());
            }
            catch (StoreUnavailableException exception)
            {
                RoundFailed(exception.Message);
            }

            await Task.Delay(Interval, clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task RoundAsync()
    {
        var leaving = _slots.Leaving;
        var held = await engine.OnSessionAsync(session => session.ReadOwners());
        var all = endpoints.All;
        if (_layouts.Of != all)
        {
            _layouts = new(all);
        }

        var plan = SlotPlan.Decide([.. held.Members.Select(static member => member.Name)], _layouts.Weights);
        var me = held.Members.FindIndex(member => member.Backend == held.Me);
        if (me < 0)
        {
            // It leaves, or its session ended meanwhile.
            return;
        }

        // By another session these locks are gone. And while this is done none is freed. What left when the locks were read may be free since.
        var wanted = Enumerable.Range(0, SlotPlan.Slots).Where(slot => plan[slot] == me && held.OfSlots[slot] is null).ToArray();
        var mine = Enumerable.Range(0, SlotPlan.Slots).Where(slot => held.OfSlots[slot] == held.Me && !leaving.Contains(slot) && !_slots.Has(slot)).ToArray();
        if (wanted.Length + mine.Length > 0)
        {
            Serve(await engine.OnSessionAsync(session => session.Backend == held.Me ? Gain(session, [.. session.TakeSlots(wanted), .. mine]) : []));
        }

        await _drained.FollowAsync(engine, _layouts.Changed, _slots, _lanes!, _stopped.Token);

        // Only to a member that is there.
        int[] surplus = [.. _slots.All.Where(slot => plan[slot] != me)];
        if (surplus.Length > 0)
        {
            // Each by itself: a long attempt holds up one. A stop that comes meanwhile waits for all: the attempts must end before the others begin.
            _handingOver = Task.WhenAll([_handingOver, .. surplus.Select(slot => HandOverAsync([slot]))]);
        }
    }

    private LaneLayout LayoutOf(EndpointId endpoint) => endpoints.Find(endpoint)?.Layout ?? LaneLayout.Single;

    private static int SlotOf(LaneId lane) => SlotPlan.SlotOf(lane.Endpoint, lane.Shard);

    /// <summary>Notes slots as owned whose locks are held. On the writer's thread, on which the end of the session is noted too.</summary>
    private HashSet<int> Gain(PostgresSession session, int[] locked)
    {
        if (locked.Length > 0)
        {
            // Read with the locks: what their former owners wrote of the layouts of shards is known before a lane is served.
            _drained.Read(session.Connection);
            var gained = locked.ToHashSet();
            engine.Adopt((endpoint, key, eventSequence) => gained.Contains(SlotPlan.SlotOf(endpoint, LayoutOf(endpoint).ShardOf(key, eventSequence))));
        }

        var slots = _slots.Gain(locked);
        engine.Owns = _slots.Locked;
        return slots;
    }

    /// <summary>Serves the lanes of slots that were gained, unless these are lost already.</summary>
    private void Serve(HashSet<int> gained)
    {
        if (gained.Count > 0)
        {
            Gained(gained.Count, Slots);
            try
            {
                _lanes!.Gained(lane => gained.Contains(SlotOf(lane)));
            }
            catch
            {
                // Their locks are held, and the next round gains them anew.
                _slots.Drop(gained, isLeaving: false);
                throw;
            }
        }
    }

    /// <summary>Frees slots. On the writer's thread: no failure on them is recorded from now on.</summary>
    private bool Free(PostgresSession session, HashSet<int> slots)
    {
        _slots.Unlock(slots);
        engine.Owns = _slots.Locked;
        return session.FreeSlots([.. slots]).Length == slots.Count;
    }

    private void LoseSession()
    {
        _slots.Unlock(Enumerable.Range(0, SlotPlan.Slots));
        LoseAll();
    }

    private void LoseAll()
    {
        var lost = _slots.Drop(Enumerable.Range(0, SlotPlan.Slots), isLeaving: false);
        if (lost.Count > 0)
        {
            Lost(lost.Count);
            _lanes!.Lost(lane => lost.Contains(SlotOf(lane)));
        }
    }

    /// <summary>Drains the lanes of slots, and frees the slots when the outcomes are committed.</summary>
    private async Task HandOverAsync(int[] slots)
    {
        var left = _slots.Drop(slots, isLeaving: true);
        try
        {
            await _lanes!.LeaveAsync(lane => left.Contains(SlotOf(lane)), _giveUp.Token);
            await engine.WhenOutcomesCommittedAsync();
            await engine.OnSessionAsync(session => Free(session, left));
            SlotsHandedOver(left.Count, Slots);
        }
        catch (StoreUnavailableException exception)
        {
            NotHandedOver(exception.Message);
        }
        finally
        {
            _slots.Left(left);
        }
    }

    /// <summary>The lanes of endpoints, as the rounds need them. Made anew when the endpoints have changed: to look at thousands twice a second costs more than the rest of a round.</summary>
    private sealed record Layouts(ImmutableArray<WebhookEndpoint> Of)
    {
        public int[] Weights { get; } = SlotPlan.WeightsOf(Of);

        /// <summary>The endpoints whose <c>shards</c> were changed ever.</summary>
        public IReadOnlyList<WebhookEndpoint> Changed { get; } = [.. Of.Where(static endpoint => endpoint.Layout.Number > 0)];
    }

    [LoggerMessage(LogLevel.Information, "lanes gained: slots are served here from now on")]
    private partial void Gained(int slots, int of);

    [LoggerMessage(LogLevel.Information, "all lanes handed over to other replicas")]
    private partial void AllHandedOver(int left);

    [LoggerMessage(LogLevel.Debug, "lanes handed over to another replica")]
    private partial void SlotsHandedOver(int slots, int left);

    [LoggerMessage(LogLevel.Warning, "lanes lost: the session with the database ended or does not answer")]
    private partial void Lost(int slots);

    [LoggerMessage(LogLevel.Warning, "attempts broken off: the database has not answered, so other replicas may have their lanes")]
    private partial void BrokenOff(double seconds);

    [LoggerMessage(LogLevel.Warning, "lanes could not be handed over: the end of the session frees them")]
    private partial void NotHandedOver(string error);

    [LoggerMessage(LogLevel.Debug, "ownership could not be read")]
    private partial void RoundFailed(string error);
}
