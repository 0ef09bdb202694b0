using System.Diagnostics;
using Bench.Profile;
using static System.FormattableString;

namespace Bench.Scenarios;

/// <summary>
/// The static profile of the service: a process of the JIT that counts in all of its code accepts and delivers for a while, and its trace becomes the
/// profile that native code is compiled by. Its rate is that of instrumented code without optimization.
/// </summary>
internal sealed class ProfileScenario(TestBed bed, Options options, Findings findings)
{
    /// <summary>The runtime's events of modules, types and methods, and of instrumentation data.</summary>
    private const string Events = "Microsoft-Windows-DotNETRuntime:0x1F000080018:5";

    // The process writes what its threads have buffered, and the data of each method.
    private static readonly TimeSpan StopWithin = TimeSpan.FromMinutes(3);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var trace = Path.Combine(bed.NewFolder(), "service.nettrace");
        await CollectAsync(trace, cancellationToken);
        var (methods, likely) = new ProfileWriter(ProfileTrace.Read(trace), bed.Profile).Write();
        findings.Note($"{bed.Profile}: {methods} methods, {likely} likely classes and methods, {new FileInfo(bed.Profile).Length / 1e3:0} kB");
    }

    private async Task CollectAsync(string trace, CancellationToken cancellationToken)
    {
        await using var receiver = await bed.ReceiverAsync(cancellationToken);
        await receiver.OpenAsync(long.MaxValue, cancellationToken);
        await using var service = await bed.MiddlewareAsync(receiver, Instrumented(trace), cancellationToken);
        var series = findings.Add("both, instrumented");
        using (var flow = new Flow(findings, series.Name, service, receiver, options.Connections))
        {
            var start = Stopwatch.GetTimestamp();
            while (Stopwatch.GetElapsedTime(start).TotalSeconds < options.Seconds)
            {
                series.Add(await flow.MeasureAsync(options.Events, cancellationToken));
            }

            await flow.CheckAsync(cancellationToken);
        }

        if (!await service.StopAsync(StopWithin))
        {
            throw new BenchException(Invariant($"the service has not written its trace within {StopWithin.TotalSeconds} s"));
        }
    }

    /// <summary>Settings by which all code counts from its first call on, exactly, and is never compiled again.</summary>
    private static Dictionary<string, string> Instrumented(string trace) => new()
    {
        ["DOTNET_TieredPGO"] = "1",
        ["DOTNET_TieredPGO_InstrumentOnlyHotCode"] = "0",
        ["DOTNET_ReadyToRun"] = "0",
        ["DOTNET_TC_CallCounting"] = "0",
        ["DOTNET_TC_OnStackReplacement"] = "0",
        ["DOTNET_TC_QuickJitForLoops"] = "1",
        ["DOTNET_JitInterlockedProfiling"] = "1",
        ["DOTNET_JitScalableProfiling"] = "0",
        ["DOTNET_EnableEventPipe"] = "1",
        ["DOTNET_EventPipeConfig"] = Events,
        ["DOTNET_EventPipeOutputPath"] = trace,
        ["DOTNET_EventPipeOutputStreaming"] = "1",
        ["DOTNET_EventPipeCircularMB"] = "1024",
    };
}
