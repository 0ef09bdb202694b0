namespace Bench.Scenarios;

/// <summary>A service with one registered endpoint. Its receiver's gate lets the backlog of one round through at a time.</summary>
internal sealed class GatedBacklog(
    Findings findings, string name, ServiceProcess service, ReceiverProcess receiver, Options options) : IDisposable
{
    public const int BatchSize = 100;

    private readonly LoadGenerator _load = new(service.Address, options.Connections);
    private long _accepted;

    /// <summary>Events of a round: full batches only, for the last of a round would wait for its patience to end.</summary>
    public static int RoundUp(int events) => (events + BatchSize - 1) / BatchSize * BatchSize;

    /// <summary>Registers the endpoint, with one event a request or <see cref="BatchSize"/>.</summary>
    public async Task RegisterAsync(bool inBatches, CancellationToken cancellationToken)
    {
        using var registry = new EndpointRegistry(service);
        var batch = inBatches ? new BatchSettings(BatchSize, "1s") : null;
        await registry.AddAsync(new NewEndpoint("all", receiver.Target) { Batch = batch }, cancellationToken);
    }

    /// <summary>Sends the events of a round, then opens the gate for them.</summary>
    public async Task<Sample> MeasureAsync(CancellationToken cancellationToken)
    {
        var events = RoundUp(options.Events);
        var sent = _load.Run(Pace.Saturate(events), cancellationToken);
        findings.Check(name, sent);
        _accepted += sent.Accepted;
        return await Drain.MeasureAsync(name, service, receiver, events, Math.Min(options.Workers, events / BatchSize), cancellationToken);
    }

    /// <summary>Notes what was lost and what came twice.</summary>
    public Task CheckAsync(CancellationToken cancellationToken) => Drain.CheckAsync(findings, name, receiver, _accepted, cancellationToken);

    public void Dispose() => _load.Dispose();
}
