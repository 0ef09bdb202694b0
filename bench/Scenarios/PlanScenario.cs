using Bench.Capacity;
using static System.FormattableString;

namespace Bench.Scenarios;

/// <summary>
/// The figures of a plan. Small events to one endpoint are measured at three rates and without a limit. At one rate, and without a limit, small ones to four
/// endpoints are measured too, and large ones to one. A check predicts a load of another size, number of endpoints and rate, and then measures it.
/// </summary>
internal sealed class PlanScenario(TestBed bed, PlanOptions options, string machine, Findings findings)
{
    private const int ManyEndpoints = 1000;
    private const int EventsOfEndpoint = 4;

    /// <summary>More than the 64 MiB of all windows, and for each endpoint in those of all four priorities.</summary>
    private const int EventsOfBacklog = 12_000;
    private const int EndpointsOfBacklog = 4;

    /// <summary>Measured by <c>bench postgres</c>: two replicas on the same cores.</summary>
    private const double TwoReplicas = 1.78;

    public async Task<Calibration> RunAsync(CancellationToken cancellationToken)
    {
        await using var stores = new PlanStores(bed, options.Load.Store);
        var loads = new PlanLoads(bed, findings, options, stores, Console.WriteLine);
        var figures = (await CalibrateAsync(loads, cancellationToken)).Figures(machine);
        if (options.Mode == PlanMode.Check)
        {
            var load = new MeasuredLoad("4 KiB to three", 4096, 3, Math.Max(1, options.Rate / 2));
            foreach (var prediction in Prediction.Of(figures, load, await loads.MeasureAsync(load, cancellationToken)))
            {
                Judge(prediction);
            }
        }

        return figures;
    }

    private async Task<CalibrationLoads> CalibrateAsync(PlanLoads loads, CancellationToken cancellationToken)
    {
        var idle = await loads.IdleCoresAsync(cancellationToken);
        findings.Note($"idle: {idle:0.000} cores");
        var slow = await loads.MeasureAsync(OneEndpoint(Math.Max(1, options.Rate / 4)), cancellationToken);
        var atRate = await ThreeAsync(loads, options.Rate, cancellationToken);
        var fast = await loads.MeasureAsync(OneEndpoint(options.Rate * 4), cancellationToken);
        var withoutLimit = await ThreeAsync(loads, 0, cancellationToken);
        var many = await loads.PeakMegabytesAsync(CalibrationLoads.SmallBytes, ManyEndpoints, ManyEndpoints * EventsOfEndpoint, answers: true, cancellationToken);
        var backlog = await loads.PeakMegabytesAsync(CalibrationLoads.LargeBytes, EndpointsOfBacklog, EventsOfBacklog, answers: false, cancellationToken);
        findings.Note($"peak of {ManyEndpoints} endpoints {many:0} MB, of a backlog {backlog:0} MB");
        return new CalibrationLoads
        {
            Store = options.Load.Store,
            IdleCores = idle,
            Rates = [slow, atRate.One, fast, withoutLimit.One],
            AtRate = atRate,
            WithoutLimit = withoutLimit,
            OfMany = (ManyEndpoints, many),
            MegabytesOfBacklog = backlog,
            TwoReplicas = options.Load.IsPostgres ? TwoReplicas : 1,
        };
    }

    private static async Task<ThreeLoads> ThreeAsync(PlanLoads loads, int rate, CancellationToken cancellationToken) => new(
        await loads.MeasureAsync(OneEndpoint(rate), cancellationToken),
        await loads.MeasureAsync(new MeasuredLoad("256 bytes to four", CalibrationLoads.SmallBytes, CalibrationLoads.Several, rate), cancellationToken),
        await loads.MeasureAsync(new MeasuredLoad("8 KiB to one", CalibrationLoads.LargeBytes, 1, rate), cancellationToken));

    private static MeasuredLoad OneEndpoint(int rate) => new("256 bytes to one", CalibrationLoads.SmallBytes, 1, rate);

    private void Judge(Prediction prediction)
    {
        var text = Invariant($"{prediction.Use}: predicted {prediction.Predicted:0.0}, used {prediction.Used:0.0}, ratio {prediction.Ratio:0.00}");
        if (prediction.IsClose)
        {
            findings.Notes.Add(text);
        }
        else
        {
            findings.Problems.Add(Invariant($"{text}, expected {Prediction.Least:0.0} to {Prediction.Most:0.0}"));
        }
    }
}
