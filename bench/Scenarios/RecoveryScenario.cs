using System.Diagnostics;
using static System.FormattableString;

namespace Bench.Scenarios;

/// <summary>
/// Kills the service under load at a random moment, starts it again on the same store and waits until all is delivered, round after round.
/// What is lost is told by ids: those answered with 200 that the receiver never had.
/// </summary>
internal sealed class RecoveryScenario(TestBed bed, Options options, Findings findings)
{
    private static readonly TimeSpan Earliest = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan Spread = TimeSpan.FromMilliseconds(1_700);

    private readonly HashSet<UInt128> _accepted = [];
    private readonly List<TimeSpan> _times = [];
    private readonly List<long> _duplicates = [];

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var seed = (int)(Stopwatch.GetTimestamp() & int.MaxValue);
        var random = new Random(seed);
        var folder = bed.NewFolder();
        var accepted = findings.Add("accepted until the kill");
        var recovered = findings.Add("delivered after the start");

        await using var receiver = await bed.ReceiverAsync(cancellationToken);
        await receiver.OpenAsync(long.MaxValue, cancellationToken);
        for (var round = 0; round < options.Rounds; round++)
        {
            accepted.Add(new Sample { PerSecond = await KillAsync(receiver, folder, Earliest + (random.NextDouble() * Spread), cancellationToken) });
            recovered.Add(new Sample { PerSecond = await RecoverAsync(receiver, folder, recovered, cancellationToken) });
        }

        var lost = _accepted.Except(await receiver.IdsAsync(folder, cancellationToken)).Count();
        if (lost > 0)
        {
            findings.Problems.Add(Invariant($"{lost} events were accepted and never delivered"));
        }

        var times = _times.Order().ToList();
        findings.Note($"{options.Rounds} rounds, seed {seed}: of {_accepted.Count} events accepted {lost} were lost, {_duplicates.Sum()} duplicated, at most {_duplicates.Max()} by one kill");
        findings.Note($"from the start of the process until all was delivered: median {times[times.Count / 2].TotalMilliseconds:0} ms, at most {times[^1].TotalMilliseconds:0} ms");
    }

    private async Task<double> KillAsync(ReceiverProcess receiver, string folder, TimeSpan moment, CancellationToken cancellationToken)
    {
        await using var service = await StartAsync(receiver, folder, cancellationToken);
        using var load = new LoadGenerator(service.Address, options.Connections);
        var killing = Task.Run(
            async () =>
            {
                await Task.Delay(moment, TimeProvider.System, cancellationToken);
                await service.KillAsync();
            },
            cancellationToken);
        var result = load.RunUntilGone(cancellationToken);
        await killing;
        _accepted.UnionWith(result.Ids!);
        return result.PerSecond;
    }

    private async Task<double> RecoverAsync(ReceiverProcess receiver, string folder, Series series, CancellationToken cancellationToken)
    {
        var before = await receiver.StatsAsync(cancellationToken);
        var start = Stopwatch.GetTimestamp();
        await using var service = await StartAsync(receiver, folder, cancellationToken);
        var after = await receiver.UntilQuietAsync(_accepted.Count, cancellationToken);
        series.PeakMegabytes = Math.Max(series.PeakMegabytes ?? 0, service.PeakMegabytes);
        _duplicates.Add(after.Duplicates - before.Duplicates);
        _times.Add(Stopwatch.GetElapsedTime(start, Math.Max(start, after.LastAt)));
        return (after.Events - before.Events) / Math.Max(_times[^1].TotalSeconds, 0.001);
    }

    private Task<ServiceProcess> StartAsync(ReceiverProcess receiver, string folder, CancellationToken cancellationToken) =>
        bed.MiddlewareAsync(receiver, new() { ["DATA_DIR"] = folder }, cancellationToken);
}
