using Middleware.Delivering;
using Middleware.Endpoints;
using Middleware.Events;

namespace Middleware.Storage.Postgres;

/// <summary>
/// The lanes that this replica owns: those in slots whose advisory locks its writer's session holds. Twice a second it reads all locks, takes the free slots that
/// are meant for it and hands over those that are meant for another.
/// </summary>
internal sealed partial class PostgresOwnership(PostgresEngine engine, EndpointRegistry endpoints, TimeProvider clock, ILogger<PostgresOwnership> logger)
    : ILaneOwnership, IAsyncDisposable
{
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan Watch = TimeSpan.FromMilliseconds(100);

    private readonly bool[] _owned = new bool[SlotPlan.Slots];
    private readonly HashSet<int> _leaving = [];
    private readonly Lock _gate = new();

    // Cancelled and not disposed: the container may dispose of it twice, by its two names.
    private readonly CancellationTokenSource _stopped = new();
    private IOwnedLanes? _lanes;
    private Task _rounds = Task.CompletedTask;
    private Task _watch = Task.CompletedTask;
    private bool _isBrokenOff;

    public bool IsSure => engine.SinceProof < engine.AdoptAfter / 2;

    /// <summary>The number of owned slots.</summary>
    public int Slots => _owned.Count(static owned => owned);

    public bool Owns(EndpointId endpoint) => Volatile.Read(ref _owned[SlotPlan.SlotOf(endpoint.Value)]);

    /// <summary>True for the one replica that does the work which all have in common.</summary>
    public bool IsFirst => Volatile.Read(ref _owned[0]);

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
        engine.SessionEnded += LoseAll;
        await RoundAsync();
        _rounds = Task.Run(RunAsync, CancellationToken.None);
        _watch = Task.Run(WatchAsync, CancellationToken.None);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopped.CancelAsync();
        await _rounds;
        try
        {
            // The others count one member less, and take each slot as soon as it is free.
            await engine.OnSessionAsync(static session => session.LeaveMembers());
            await Task.WhenAll(Owned().Select(slot => HandOverAsync([slot], cancellationToken)));
            AllHandedOver(Slots);
        }
        catch (StoreUnavailableException exception)
        {
            // The end of the session frees them all.
            NotHandedOver(exception.Message);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopped.CancelAsync();
        await _rounds;
        await _watch;
        engine.SessionEnded -= LoseAll;
    }

    private async Task RunAsync()
    {
        using var timer = new PeriodicTimer(Interval, clock);
        while (await IsNextAsync(timer))
        {
            try
            {
                await RoundAsync();
            }
            catch (StoreUnavailableException exception)
            {
                RoundFailed(exception.Message);
            }
        }
    }

    private async Task<bool> IsNextAsync(PeriodicTimer timer)
    {
        try
        {
            return await timer.WaitForNextTickAsync(_stopped.Token);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>Breaks off what is under way when no answer has come for so long that the others may have the lanes soon.</summary>
    private async Task WatchAsync()
    {
        using var timer = new PeriodicTimer(Watch, clock);
        while (await IsNextAsync(timer))
        {
            var isOverdue = engine.SinceProof > engine.AdoptAfter * 0.9;
            if (isOverdue && !_isBrokenOff)
            {
                LoseAll();
                _lanes!.BreakOff();
                BrokenOff(engine.SinceProof.TotalSeconds);
            }

            _isBrokenOff = isOverdue;
        }
    }

    private async Task RoundAsync()
    {
        var held = await engine.OnSessionAsync(session => session.ReadOwners());
        var plan = SlotPlan.Decide([.. held.Members.Select(static member => member.Name)], Weights());
        var me = held.Members.FindIndex(member => member.Backend == held.Me);
        if (me < 0)
        {
            // It leaves, or its session ended meanwhile.
            return;
        }

        var wanted = Enumerable.Range(0, SlotPlan.Slots).Where(slot => plan[slot] == me && held.OfSlots[slot] is null).ToArray();
        var taken = wanted.Length == 0 ? [] : await engine.OnSessionAsync(session => session.TakeSlots(wanted));
        Gain([.. taken, .. Enumerable.Range(0, SlotPlan.Slots).Where(slot => held.OfSlots[slot] == held.Me)]);

        // Only to a member that is there.
        int[] surplus = [.. Owned().Where(slot => plan[slot] != me)];
        if (surplus.Length > 0)
        {
            _ = HandOverAsync(surplus, _stopped.Token);
        }
    }

    private int[] Weights()
    {
        var weights = new int[SlotPlan.Slots];
        foreach (var endpoint in endpoints.All)
        {
            weights[SlotPlan.SlotOf(endpoint.Id.Value)]++;
        }

        return weights;
    }

    private List<int> Owned()
    {
        lock (_gate)
        {
            return [.. Enumerable.Range(0, SlotPlan.Slots).Where(slot => _owned[slot])];
        }
    }

    private void Gain(IEnumerable<int> slots)
    {
        HashSet<int> gained;
        lock (_gate)
        {
            gained = [.. slots.Where(slot => !_owned[slot] && !_leaving.Contains(slot))];
            foreach (var slot in gained)
            {
                _owned[slot] = true;
            }
        }

        if (gained.Count > 0)
        {
            engine.Owns = Owned().ToHashSet();
            Gained(gained.Count, Slots);
            _lanes!.Gained(endpoint => gained.Contains(SlotPlan.SlotOf(endpoint.Value)));
        }
    }

    private HashSet<int> Drop(IEnumerable<int> slots, bool isLeaving)
    {
        lock (_gate)
        {
            HashSet<int> dropped = [.. slots.Where(slot => _owned[slot])];
            foreach (var slot in dropped)
            {
                _owned[slot] = false;
            }

            if (isLeaving)
            {
                _leaving.UnionWith(dropped);
            }

            return dropped;
        }
    }

    private void LoseAll()
    {
        var lost = Drop(Enumerable.Range(0, SlotPlan.Slots), isLeaving: false);
        if (lost.Count > 0)
        {
            Lost(lost.Count);
            _lanes!.Lost(endpoint => lost.Contains(SlotPlan.SlotOf(endpoint.Value)));
        }
    }

    /// <summary>Drains the lanes of slots, and frees the slots when the outcomes are committed.</summary>
    private async Task HandOverAsync(int[] slots, CancellationToken cancellationToken)
    {
        var left = Drop(slots, isLeaving: true);
        try
        {
            await _lanes!.LeaveAsync(endpoint => left.Contains(SlotPlan.SlotOf(endpoint.Value)), cancellationToken);
            await engine.WhenOutcomesCommittedAsync();
            await engine.OnSessionAsync(session => session.FreeSlots([.. left]));
            engine.Owns = Owned().ToHashSet();
            SlotsHandedOver(left.Count, Slots);
        }
        catch (StoreUnavailableException exception)
        {
            NotHandedOver(exception.Message);
        }
        finally
        {
            lock (_gate)
            {
                _leaving.ExceptWith(left);
            }
        }
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
