namespace Bench.Scenarios;

/// <summary>
/// The rates of this checkout against those of another. For each kind of load three services stay up and are loaded in turn: the other
/// one's, this one's, and the other one's once more as the control, which shows what the machine can resolve.
/// </summary>
internal sealed class CompareScenario(TestBed bed, Options options, Findings findings)
{
    private delegate Task<Candidate> Start(string executable, Series series, CancellationToken cancellationToken);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var other = await bed.PublishAgainstAsync(options.Against, cancellationToken);
        findings.Note($"this is {Repository.VersionOf(bed.Service)}, other is {Repository.VersionOf(other)}, control is other again");
        findings.Note($"{options.Rounds} rounds; accept {options.Seconds} s a round, both and nine {options.Events} events, batch {options.Events * Candidates.BacklogFactor}");

        await CompareAsync("accept", other, static candidates => candidates.AcceptAsync, cancellationToken);
        await CompareAsync("both", other, static candidates => candidates.BothAsync, cancellationToken);
        await CompareAsync("batch", other, static candidates => candidates.BatchAsync, cancellationToken);
        await CompareAsync("nine, one hangs", other, static candidates => candidates.IsolationAsync, cancellationToken);
    }

    private async Task CompareAsync(
        string load, string otherExecutable, Func<Candidates, Start> kind, CancellationToken cancellationToken)
    {
        var other = findings.Add($"{load}, other");
        var ours = findings.Add($"{load}, this", other);
        var again = findings.Add($"{load}, control", other);
        await using var candidates = new Candidates(bed, options, findings);
        var start = kind(candidates);
        await candidates.MeasureAsync(
            [
                await start(otherExecutable, other, cancellationToken),
                await start(bed.Service, ours, cancellationToken),
                await start(otherExecutable, again, cancellationToken),
            ],
            cancellationToken);
        findings.Add(Comparison.Of(load, other, ours, again));
    }
}
