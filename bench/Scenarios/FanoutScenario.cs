namespace Bench.Scenarios;

/// <summary>
/// The cost of one event to ten endpoints, against one event to one endpoint: both services stay up and make as many deliveries in a round,
/// one after the other. Each of the ten must have each event exactly once.
/// </summary>
internal sealed class FanoutScenario(TestBed bed, Options options, Findings findings)
{
    private const int Many = 10;
    private const double DeliveredBar = 1;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await using var candidates = new Candidates(bed, options, findings);
        var accepted = findings.Add("accepted, one endpoint");
        var one = await OpenAsync(candidates, 1, accepted, findings.Add("delivered, one endpoint"), cancellationToken);
        accepted = findings.Add("accepted, ten endpoints", accepted);
        var many = await OpenAsync(candidates, Many, accepted, findings.Add("delivered, ten endpoints", one.Series), cancellationToken);
        await candidates.MeasureAsync([one, many], cancellationToken);

        findings.Note($"{options.Events * Many} deliveries a round, {options.Workers} workers for each endpoint; rates from the first request sent; CPU is for accepting and delivering");
        findings.Note($"deliveries/s of ten endpoints to those of one, by round {Series.Range(many.Series.Ratios(one.Series))}");
        findings.Bars.Add(new Bar("deliveries/s to ten endpoints, of those to one", DeliveredBar, many.Series.Ratio(one.Series)));
    }

    private async Task<Candidate> OpenAsync(Candidates candidates, int endpoints, Series accepted, Series delivered, CancellationToken cancellationToken)
    {
        var receiver = candidates.Own(await bed.ReceiverAsync(cancellationToken));
        var service = candidates.Own(await bed.MiddlewareAsync(null, [], cancellationToken));
        var flow = candidates.Own(new Flow(findings, delivered.Name, service, receiver, options.Connections, endpoints));
        using var registry = new EndpointRegistry(service);
        await registry.AddAllAsync(receiver, endpoints, cancellationToken);
        await receiver.OpenAsync(long.MaxValue, cancellationToken);

        // As many deliveries for both.
        var requests = (long)options.Events * Many / endpoints;
        return new(delivered, [service], token => flow.SendAsync(Pace.Saturate(requests), token), MeasureAsync, flow.CheckAsync);

        async Task<Sample> MeasureAsync(CancellationToken token)
        {
            var (load, perSecond, used) = await flow.MeasureAsync(Pace.Saturate(requests), token);
            accepted.Add(new Sample { PerSecond = load.PerSecond, CpuMicrosecondsPerEvent = used.TotalMicroseconds / load.Accepted });
            return new Sample { PerSecond = perSecond, CpuMicrosecondsPerEvent = used.TotalMicroseconds / (load.Accepted * endpoints) };
        }
    }
}
