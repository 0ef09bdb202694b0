namespace Bench.Scenarios;

/// <summary>A running server, the connections to it, and where its rounds are written down.</summary>
internal sealed record Subject(Series Series, ServiceProcess Process, LoadGenerator Load) : IDisposable
{
    public Subject(Series series, ServiceProcess process, int connections)
        : this(series, process, new LoadGenerator(process.Address, connections))
    {
    }

    /// <summary>Loads the server as fast as it answers.</summary>
    public Sample Saturate(Findings findings, int seconds, CancellationToken cancellationToken)
    {
        var before = Process.CpuTime;
        var result = Load.Run(Pace.Saturate(TimeSpan.FromSeconds(seconds)), cancellationToken);
        var used = Process.CpuTime - before;
        findings.Check(Series.Name, result);
        Series.PeakMegabytes = Process.PeakMegabytes;
        return new Sample { PerSecond = result.PerSecond, CpuMicrosecondsPerEvent = used.TotalMicroseconds / result.Answered };
    }

    public void Dispose() => Load.Dispose();
}
