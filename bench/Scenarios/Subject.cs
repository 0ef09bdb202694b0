using Bench.Load;
using Bench.Processes;
using Bench.Report;

namespace Bench.Scenarios;

/// <summary>A running server, the connections to it, and where its rounds are written down.</summary>
internal sealed record Subject(Series Series, ServiceProcess Process, LoadGenerator Load) : IDisposable
{
    public void Dispose() => Load.Dispose();
}
