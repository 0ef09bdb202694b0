using Bench.Load;
using Bench.Processes;
using Bench.Report;
using static System.FormattableString;

namespace Bench.Scenarios;

/// <summary>
/// Accepting and delivering at once: from the first accept to the last delivery, then the latency of accepting at half that rate. The store
/// <c>memory</c> is compared with a durable one on the same machine, in turn.
/// </summary>
internal sealed class BothScenario(TestBed bed, Options options)
{
    private const double MemoryBar = 1.2;

    private readonly Findings _findings = new();

    public async Task<Findings> RunAsync(CancellationToken cancellationToken)
    {
        await using var durable = await StartAsync("SQLite", connection: "", baseline: null, cancellationToken);
        await using var memory = options.Sqlite
            ? null
            : await StartAsync("memory", connection: "memory", durable.Delivered, cancellationToken);
        Part[] parts = memory is null ? [durable] : [durable, memory];

        for (var round = 0; round < options.Rounds; round++)
        {
            // There and back, so that none is always the first.
            foreach (var part in round % 2 == 0 ? parts : parts.Reverse())
            {
                await MeasureAsync(part, cancellationToken);
            }
        }

        _findings.Notes.Add(Invariant(
            $"{options.Events} events a round, {options.Workers} workers, both rates from the first request sent; latency is of accepting while delivering; CPU is for both"));
        foreach (var part in parts)
        {
            var stats = await part.Flow.CheckAsync(cancellationToken);
            _findings.Notes.Add(Invariant(
                $"{part.Delivered.Name}: of {part.Flow.Expected} events accepted {part.Flow.Expected - stats.Unique} were lost and {stats.Duplicates} duplicated"));
        }

        if (memory is not null)
        {
            var ratios = memory.Delivered.Ratios(durable.Delivered);
            _findings.Notes.Add(Invariant($"ratio by round {ratios[0]:0.00} to {ratios[^1]:0.00}"));
            _findings.Bars.Add(new Bar("both in memory, of both on SQLite", MemoryBar, memory.Delivered.Ratio(durable.Delivered)));
        }

        return _findings;
    }

    private async Task<Part> StartAsync(string store, string connection, Series? baseline, CancellationToken cancellationToken)
    {
        var receiver = await bed.ReceiverAsync(cancellationToken);
        var service = await bed.MiddlewareAsync(receiver, new() { ["ConnectionStrings__events"] = connection }, cancellationToken);
        var part = new Part(
            receiver,
            service,
            new Flow(_findings, $"both, {store}", service, receiver, options.Connections),
            _findings.Add($"accepted, {store}"),
            _findings.Add($"delivered, {store}", baseline));
        await receiver.OpenAsync(long.MaxValue, cancellationToken);
        await part.Flow.SendAsync(Pace.Saturate(TimeSpan.FromSeconds(options.Warmup)), cancellationToken);
        return part;
    }

    private async Task MeasureAsync(Part part, CancellationToken cancellationToken)
    {
        var (saturated, perSecond, used) = await part.Flow.MeasureAsync(Pace.Saturate(options.Events), cancellationToken);
        var rate = options.Rate > 0 ? options.Rate : perSecond / 2;
        var open = await part.Flow.SendAsync(Pace.Fixed(rate, TimeSpan.FromSeconds(options.Seconds)), cancellationToken);
        part.Accepted.Add(new Sample { PerSecond = saturated.PerSecond, OpenRate = rate, Latency = open.Latency });
        part.Delivered.Add(new Sample { PerSecond = perSecond, CpuMicrosecondsPerEvent = used.TotalMicroseconds / saturated.Accepted });
        part.Delivered.PeakMegabytes = part.Service.PeakMegabytes;
    }

    /// <summary>A running service with its receiver, and where its rounds are written down.</summary>
    private sealed record Part(ReceiverProcess Receiver, ServiceProcess Service, Flow Flow, Series Accepted, Series Delivered) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            Flow.Dispose();
            await Service.DisposeAsync();
            await Receiver.DisposeAsync();
        }
    }
}
