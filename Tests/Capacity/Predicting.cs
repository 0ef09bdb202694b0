using Bench.Capacity;

namespace Tests.Capacity;

/// <summary>Figures that come of measured loads, and what they predict of another one.</summary>
public class Predicting
{
    private const double IdleCores = 0.02;

    private static readonly MeasuredLoad Load = new("4 KiB to three", 4096, 3, 500);

    /// <summary>A service whose events cost less the more there are of them; bodies cost as much with each delivery.</summary>
    private static readonly EventCost ServiceCpu = new(0, 30, 5, 5);
    private static readonly EventCost ServerCpu = new(0, 10, 4, 0);
    private static readonly EventCost Kept = new(250, 40, 1030, 0);
    private static readonly EventCost Written = new(0, 900, 2000, 0);
    private static readonly EventCost Megabytes = new(110, 1, 0.5, 0);

    [Theory]
    [InlineData(PlannedStore.Sqlite, 4)]
    [InlineData(PlannedStore.Postgres, 5)]
    public void A_service_that_costs_as_the_model_says_is_predicted_exactly(object store, int uses)
    {
        var predictions = Prediction.Of(Calibrated((PlannedStore)store), Load, UseOf((PlannedStore)store, 500, 4096, 3)).ToList();

        Assert.Equal(uses, predictions.Count);
        Assert.All(predictions, static prediction => Assert.Equal(1, prediction.Ratio, 9));
        Assert.All(predictions, static prediction => Assert.True(prediction.IsClose));
    }

    [Theory]
    [InlineData("CPU of the service, µs/event", 1.5, 1, 1, 1, 1)]
    [InlineData("CPU of the server, µs/event", 1, 1.5, 1, 1, 1)]
    [InlineData("bytes kept/event", 1, 1, 1.5, 1, 1)]
    [InlineData("bytes written/event", 1, 1, 1, 1.5, 1)]
    [InlineData("peak MB", 1, 1, 1, 1, 1.5)]
    public void A_use_that_is_half_as_much_again_is_not_close(string use, double service, double server, double kept, double written, double megabytes)
    {
        var used = UseOf(PlannedStore.Postgres, 500, 4096, 3);
        used = used with
        {
            ServiceMicroseconds = used.ServiceMicroseconds * service,
            ServerMicroseconds = used.ServerMicroseconds * server,
            KeptBytes = used.KeptBytes * kept,
            WrittenBytes = used.WrittenBytes * written,
            PeakMegabytes = used.PeakMegabytes * megabytes,
        };

        Assert.Equal(use, Assert.Single(Prediction.Of(Calibrated(PlannedStore.Postgres), Load, used), static prediction => !prediction.IsClose).Use);
    }

    [Theory]
    [InlineData(69, false)]
    [InlineData(70, true)]
    [InlineData(130, true)]
    [InlineData(131, false)]
    [InlineData(double.NaN, false)]
    public void A_prediction_is_close_from_seven_to_thirteen_tenths_of_the_use(double predicted, bool isClose) => Assert.Equal(isClose, new Prediction("", predicted, 100).IsClose);

    [Fact]
    public void CPU_of_an_endpoint_is_the_higher_of_that_at_the_rate_and_that_without_a_limit()
    {
        var loads = LoadsOf(PlannedStore.Postgres);
        var (atRate, withoutLimit) = (WithCheapSeveral(loads.AtRate), WithCheapSeveral(loads.WithoutLimit));

        Assert.Equal(ServiceCpu.PerDelivery, PerDeliveryOf(loads with { AtRate = atRate }), 9);
        Assert.Equal(ServiceCpu.PerDelivery, PerDeliveryOf(loads with { WithoutLimit = withoutLimit }), 9);
        Assert.Equal(0, PerDeliveryOf(loads with { AtRate = atRate, WithoutLimit = withoutLimit }));

        static double PerDeliveryOf(CalibrationLoads loads) => loads.Figures("nowhere").ServiceCpu.Cost.PerDelivery;

        static ThreeLoads WithCheapSeveral(ThreeLoads loads) => loads with { Several = loads.One };
    }

    [Fact]
    public void Memory_of_endpoints_and_of_a_backlog_is_that_beyond_the_same_load_without_them()
    {
        var figures = Calibrated(PlannedStore.Sqlite);

        Assert.Equal(0.05, figures.MegabytesPerEndpoint, 9);
        Assert.Equal(70, figures.MegabytesOfBacklog, 9);
    }

    [Fact]
    public void Figures_are_the_same_when_they_are_read_again()
    {
        using var folder = new TemporaryDirectory();
        var figures = Calibrated(PlannedStore.Postgres);
        Assert.Null(Calibration.Load(folder.Path, PlannedStore.Postgres));

        figures.Save(folder.Path);

        Assert.Null(Calibration.Load(folder.Path, PlannedStore.Sqlite));
        Assert.Equivalent(figures, Calibration.Load(folder.Path, PlannedStore.Postgres), strict: true);
    }

    private static Calibration Calibrated(PlannedStore store) => LoadsOf(store).Figures("nowhere");

    private static CalibrationLoads LoadsOf(PlannedStore store)
    {
        var atRate = ThreeOf(store, 1000);
        var withoutLimit = ThreeOf(store, 5000);
        return new CalibrationLoads
        {
            Store = store,
            IdleCores = IdleCores,
            Rates = [UseOf(store, 250, CalibrationLoads.SmallBytes, 1), atRate.One, withoutLimit.One],
            AtRate = atRate,
            WithoutLimit = withoutLimit,
            OfMany = (1000, atRate.One.PeakMegabytes + 50),
            MegabytesOfBacklog = atRate.Large.PeakMegabytes + 70,
            TwoReplicas = 1.8,
        };
    }

    private static ThreeLoads ThreeOf(PlannedStore store, double rate) => new(
        UseOf(store, rate, CalibrationLoads.SmallBytes, 1),
        UseOf(store, rate, CalibrationLoads.SmallBytes, CalibrationLoads.Several),
        UseOf(store, rate, CalibrationLoads.LargeBytes, 1));

    /// <summary>Beside its cost for each event, a load has one for each second.</summary>
    private static MeasuredUse UseOf(PlannedStore store, double rate, int bytes, int matching)
    {
        var (kibibytes, stored) = (bytes / 1024.0, Calibration.StoredKibibytes(store, bytes));
        return new MeasuredUse(
            rate,
            ServiceCpu.Of(kibibytes, matching) + ((100_000 + (IdleCores * 1e6)) / rate),
            store == PlannedStore.Postgres ? ServerCpu.Of(kibibytes, matching) + (40_000 / rate) : 0,
            Kept.Of(stored, matching),
            Written.Of(stored, matching) + (1e6 / rate),
            Commits: 1,
            Megabytes.Of(kibibytes, matching));
    }
}
