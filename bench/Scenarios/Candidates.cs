using Bench.Load;
using Bench.Processes;
using Bench.Report;

namespace Bench.Scenarios;

/// <summary>A service under one kind of load, measured a round at a time beside others.</summary>
internal sealed record Candidate(
    Series Series,
    ServiceProcess Service,
    Func<CancellationToken, Task> WarmUpAsync,
    Func<CancellationToken, Task<Sample>> MeasureAsync,
    Func<CancellationToken, Task> CheckAsync);

/// <summary>Starts the services that are compared, each with receivers of its own, and stops them all.</summary>
internal sealed class Candidates(TestBed bed, Options options, Findings findings) : IAsyncDisposable
{
    // A backlog of as many events as the other loads have is delivered within a few tenths of a second, too few to measure.
    public const int BacklogFactor = 2;

    private readonly Stack<object> _started = [];

    private Pace Warmup => Pace.Saturate(TimeSpan.FromSeconds(options.Warmup));

    /// <summary>Accepts while nothing can be delivered.</summary>
    public async Task<Candidate> AcceptAsync(string executable, Series series, CancellationToken cancellationToken)
    {
        // Its gate stays closed.
        var receiver = Own(await bed.ReceiverAsync(cancellationToken));
        var service = Own(await bed.MiddlewareAsync(executable, receiver, [], cancellationToken));
        var subject = Own(new Subject(series, service, new LoadGenerator(service.Address, options.Connections)));
        return new(
            series,
            service,
            token => Task.FromResult(subject.Saturate(findings, options.Warmup, token)),
            token => Task.FromResult(subject.Saturate(findings, options.Seconds, token)),
            _ => Task.CompletedTask);
    }

    /// <summary>Accepts and delivers at once.</summary>
    public async Task<Candidate> BothAsync(string executable, Series series, CancellationToken cancellationToken)
    {
        var receiver = Own(await bed.ReceiverAsync(cancellationToken));
        var service = Own(await bed.MiddlewareAsync(executable, receiver, [], cancellationToken));
        var flow = Own(new Flow(findings, series.Name, service, receiver, options.Connections));
        await receiver.OpenAsync(long.MaxValue, cancellationToken);
        return new(series, service, token => flow.SendAsync(Warmup, token), MeasureAsync, flow.CheckAsync);

        async Task<Sample> MeasureAsync(CancellationToken token)
        {
            var (load, perSecond, used) = await flow.MeasureAsync(Pace.Saturate(options.Events), token);
            return new Sample { PerSecond = perSecond, CpuMicrosecondsPerEvent = used.TotalMicroseconds / load.Accepted };
        }
    }

    /// <summary>Delivers a backlog in batches.</summary>
    public async Task<Candidate> BatchAsync(string executable, Series series, CancellationToken cancellationToken)
    {
        var receiver = Own(await bed.ReceiverAsync(cancellationToken));
        var service = Own(await bed.MiddlewareAsync(executable, null, [], cancellationToken));
        var backlog = Own(new GatedBacklog(findings, series.Name, service, receiver, options with { Events = options.Events * BacklogFactor }));
        await backlog.RegisterAsync(inBatches: true, cancellationToken);
        return new(series, service, backlog.MeasureAsync, backlog.MeasureAsync, backlog.CheckAsync);
    }

    /// <summary>Serves nine endpoints while the tenth hangs.</summary>
    public async Task<Candidate> IsolationAsync(string executable, Series series, CancellationToken cancellationToken)
    {
        // Its gate stays closed.
        var hanging = Own(await bed.ReceiverAsync(cancellationToken));
        var receiver = Own(await bed.ReceiverAsync(cancellationToken));
        var service = Own(await bed.MiddlewareAsync(executable, null, IsolationScenario.Settings, cancellationToken));
        OtherTarget[] others = [new("hangs", hanging.Target, hanging, Answers: false)];
        var ten = Own(new TenEndpoints(findings, series.Name, service, receiver, others, options.Connections, bed.NewFolder()));
        await ten.PrepareAsync(cancellationToken);
        return new(series, service, token => ten.SendAsync(Warmup, token), MeasureAsync, ten.CheckAsync);

        async Task<Sample> MeasureAsync(CancellationToken token) =>
            new() { PerSecond = (await ten.SendAsync(Pace.Saturate(options.Events), token)).DeliveredPerSecond };
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

    private T Own<T>(T started)
        where T : notnull
    {
        _started.Push(started);
        return started;
    }
}
