using System.Globalization;
using static System.FormattableString;

namespace Bench.Scenarios;

/// <summary>
/// The cost of telemetry: accepting and delivering at once, in turn by a service that exports nothing and by one that exports metrics and a
/// tenth of the traces to a sink on this machine. Both stay up; what counts is the CPU of an event.
/// </summary>
internal sealed class TelemetryScenario(TestBed bed, Options options, Findings findings)
{
    private const double MicrosecondsBar = 10;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await using var candidates = new Candidates(bed, options, findings);
        var sink = candidates.Own(await bed.CollectorAsync(cancellationToken));
        var without = findings.Add("without telemetry");
        var with = findings.Add("exporting", without);
        var unseen = await OpenAsync(candidates, without, [], cancellationToken);
        var seen = await OpenAsync(candidates, with, Exporting(sink), cancellationToken);
        await candidates.MeasureAsync([unseen, seen], cancellationToken);
        await JudgeAsync(without, with, sink, cancellationToken);
    }

    private async Task<Candidate> OpenAsync(Candidates candidates, Series series, Dictionary<string, string> settings, CancellationToken cancellationToken)
    {
        var (flow, service) = await candidates.FlowAsync(bed.Service, series.Name, settings, cancellationToken);
        return new(series, [service], token => flow.SendAsync(Pace.Saturate(TimeSpan.FromSeconds(options.Warmup)), token), MeasureAsync, flow.CheckAsync);

        async Task<Sample> MeasureAsync(CancellationToken token)
        {
            var (sent, _, used) = await flow.MeasureAsync(Pace.Saturate(options.Events), token);
            return new Sample { PerSecond = sent.PerSecond, CpuMicrosecondsPerEvent = used.TotalMicroseconds / sent.Accepted };
        }
    }

    private static Dictionary<string, string> Exporting(ServiceProcess sink) => new()
    {
        ["OTEL_EXPORTER_OTLP_ENDPOINT"] = $"http://{sink.Address}",
        ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
        ["OTEL_TRACES_SAMPLER"] = "parentbased_traceidratio",
        ["OTEL_TRACES_SAMPLER_ARG"] = "0.1",
        ["OTEL_METRIC_EXPORT_INTERVAL"] = "5000",
    };

    private async Task JudgeAsync(Series unseen, Series seen, ServiceProcess sink, CancellationToken cancellationToken)
    {
        using var client = new HttpClient { BaseAddress = new Uri($"http://{sink.Address}") };
        var bytes = (await client.GetStringAsync(new Uri("/", UriKind.Relative), cancellationToken)).Split(' ').Select(static text => long.Parse(text, CultureInfo.InvariantCulture)).ToArray();
        if (bytes.Contains(0))
        {
            findings.Problems.Add(Invariant($"nothing to compare: {bytes[0]} bytes of traces and {bytes[1]} of metrics were exported"));
        }

        var differences = seen.Samples.Zip(unseen.Samples, static (with, without) => with.CpuMicrosecondsPerEvent!.Value - without.CpuMicrosecondsPerEvent!.Value).Order().ToList();
        findings.Note(
            $"{options.Events} events a round; CPU is for accepting and delivering; more of it by round: {differences[0]:0.0} to {differences[^1]:0.0} µs; exported {bytes[0] >> 10} KiB of traces and {bytes[1] >> 10} KiB of metrics");
        findings.Bars.Add(new Bar("what metrics and a tenth of the traces cost an event, µs of CPU", MicrosecondsBar, differences[differences.Count / 2], AtMost: true));
    }
}
