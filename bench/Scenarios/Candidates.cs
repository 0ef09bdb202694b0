namespace Bench.Scenarios;

/// <summary>A service under one kind of load, measured a round at a time beside others.</summary>
internal sealed record Candidate(
    Series Series,
    IReadOnlyList<ServiceProcess> Processes,
    Func<CancellationToken, Task> WarmUpAsync,
    Func<CancellationToken, Task<Sample>> MeasureAsync,
    Func<CancellationToken, Task> CheckAsync);

/// <summary>Starts the services that are compared, each with receivers of its own, measures them in turn, and stops them all.</summary>
internal sealed class Candidates(TestBed bed, Options options, Findings findings) : IAsyncDisposable
{
    // A backlog of as many events as the other loads have is delivered within a few tenths of a second, too few to measure.
    public const int BacklogFactor = 2;

    // Within six rounds each has each place twice and follows each of the others as often.
    private static readonly int[][] OrdersOfThree = [[0, 1, 2], [1, 2, 0], [2, 0, 1], [0, 2, 1], [2, 1, 0], [1, 0, 2]];

    private readonly Stack<object> _started = [];

    private Pace Warmup => Pace.Saturate(TimeSpan.FromSeconds(options.Warmup));

    /// <summary>There and back, so that none is always the first.</summary>
    public static IEnumerable<T> InTurn<T>(IReadOnlyList<T> all, int round) =>
        all.Count == 3 ? OrdersOfThree[round % OrdersOfThree.Length].Select(place => all[place]) : round % 2 == 0 ? all : all.Reverse();

    /// <summary>Warms all up and measures them a round at a time in turn, so that the machine's other work hits each alike. Then notes what was lost.</summary>
    public async Task MeasureAsync(IReadOnlyList<Candidate> all, CancellationToken cancellationToken)
    {
        foreach (var candidate in all)
        {
            await candidate.WarmUpAsync(cancellationToken);
        }

        for (var round = 0; round < options.Rounds; round++)
        {
            foreach (var candidate in InTurn(all, round))
            {
                candidate.Series.Add(await candidate.MeasureAsync(cancellationToken));
                candidate.Series.PeakMegabytes = candidate.Processes.Sum(static process => process.PeakMegabytes);
            }
        }

        foreach (var candidate in all)
        {
            await candidate.CheckAsync(cancellationToken);
        }
    }

    /// <summary>Accepts while nothing can be delivered.</summary>
    public async Task<Candidate> AcceptAsync(string executable, Series series, CancellationToken cancellationToken)
    {
        // Its gate stays closed.
        var receiver = Own(await bed.ReceiverAsync(cancellationToken));
        return Loaded(new(series, Own(await bed.MiddlewareAsync(executable, receiver, [], cancellationToken)), options.Connections));
    }

    /// <summary>A server that is loaded as fast as it answers.</summary>
    public Candidate Loaded(Subject subject)
    {
        Own(subject);
        return new(
            subject.Series,
            [subject.Process],
            token => Task.FromResult(subject.Saturate(findings, options.Warmup, token)),
            token => Task.FromResult(subject.Saturate(findings, options.Seconds, token)),
            static _ => Task.CompletedTask);
    }

    /// <summary>Accepts and delivers at once.</summary>
    public async Task<Candidate> BothAsync(string executable, Series series, CancellationToken cancellationToken)
    {
        var (flow, service) = await FlowAsync(executable, series.Name, [], cancellationToken);
        return new(series, [service], token => flow.SendAsync(Warmup, token), token => flow.MeasureAsync(options.Events, token), flow.CheckAsync);
    }

    /// <summary>A service with settings, and a flow of events through it to a receiver of its own.</summary>
    public async Task<(Flow Flow, ServiceProcess Service)> FlowAsync(string executable, string name, Dictionary<string, string> settings, CancellationToken cancellationToken)
    {
        var receiver = Own(await bed.ReceiverAsync(cancellationToken));
        var service = Own(await bed.MiddlewareAsync(executable, receiver, settings, cancellationToken));
        await receiver.OpenAsync(long.MaxValue, cancellationToken);
        return (Own(new Flow(findings, name, service, receiver, options.Connections)), service);
    }

    /// <summary>Delivers a backlog in batches.</summary>
    public Task<Candidate> BatchAsync(string executable, Series series, CancellationToken cancellationToken) =>
        BacklogAsync(executable, series, options.Events * BacklogFactor, inBatches: true, cancellationToken);

    /// <summary>Delivers a backlog of so many events, in batches or one by one.</summary>
    public async Task<Candidate> BacklogAsync(string executable, Series series, int events, bool inBatches, CancellationToken cancellationToken)
    {
        var receiver = Own(await bed.ReceiverAsync(cancellationToken));
        var service = Own(await bed.MiddlewareAsync(executable, null, [], cancellationToken));
        var backlog = Own(new GatedBacklog(findings, series.Name, service, receiver, options with { Events = events }));
        await backlog.RegisterAsync(inBatches, cancellationToken);
        return new(series, [service], backlog.MeasureAsync, backlog.MeasureAsync, backlog.CheckAsync);
    }

    /// <summary>Serves nine endpoints while the tenth hangs.</summary>
    public async Task<Candidate> IsolationAsync(string executable, Series series, CancellationToken cancellationToken)
    {
        // Its gate stays closed.
        var hanging = Own(await bed.ReceiverAsync(cancellationToken));
        var ten = await TenAsync(executable, series.Name, [new("hangs", hanging.Target, hanging, Answers: false)], cancellationToken);
        await ten.PrepareAsync(cancellationToken);
        return new(series, [ten.Service], token => ten.SendAsync(Warmup, token), MeasureAsync, ten.CheckAsync);

        async Task<Sample> MeasureAsync(CancellationToken token) =>
            new() { PerSecond = (await ten.SendAsync(Pace.Saturate(options.Events), token)).DeliveredPerSecond };
    }

    /// <summary>A service with ten endpoints, of which the last ones are given; the others share a receiver of their own.</summary>
    public async Task<TenEndpoints> TenAsync(string executable, string name, OtherTarget[] others, CancellationToken cancellationToken)
    {
        var receiver = Own(await bed.ReceiverAsync(cancellationToken));
        var service = Own(await bed.MiddlewareAsync(executable, null, IsolationScenario.Settings, cancellationToken));
        return Own(new TenEndpoints(findings, name, service, receiver, others, options.Connections, bed.NewFolder()));
    }

    public async ValueTask DisposeAsync()
    {
        while (_started.TryPop(out var last))
        {
            if (last is IAsyncDisposable process)
            {
                await process.DisposeAsync();
            }
            else
            {
                ((IDisposable)last).Dispose();
            }
        }
    }

    /// <summary>Disposes of it with the others, the last one first.</summary>
    public T Own<T>(T started)
        where T : notnull
    {
        _started.Push(started);
        return started;
    }
}
