using Bench.Capacity;

namespace Tests.Capacity;

/// <summary>The arguments of <c>bench plan</c>.</summary>
public class ReadingPlanOptions
{
    private static readonly string[] Needed = ["--events-per-second", "50", "--endpoints", "5"];

    [Fact]
    public void All_of_them_are_read()
    {
        var options = PlanOptions.Parse(
            [
                "--events-per-second", "1000", "--endpoints", "20", "--matching", "3", "--event-bytes", "4096", "--retention", "30d", "--queue-size", "5000", "--outage", "2h",
                "--receiver-time", "250ms", "--store", "postgres", "--cores", "8", "--disk", Path.GetTempPath(),
            ],
            out var fault);

        Assert.Equal("", fault);
        Assert.Equal(PlanMode.Plan, options!.Mode);
        Assert.Equal(Path.GetTempPath(), options.Disk);
        Assert.Equal(
            new PlannedLoad
            {
                EventsPerSecond = 1000,
                Endpoints = 20,
                Matching = 3,
                EventBytes = 4096,
                Retention = TimeSpan.FromDays(30),
                QueueSize = 5000,
                Outage = TimeSpan.FromHours(2),
                ReceiverTime = TimeSpan.FromMilliseconds(250),
                Store = PlannedStore.Postgres,
                CoresOfMachine = 8,
            },
            options.Load);
    }

    [Fact]
    public void Two_are_enough()
    {
        var load = PlanOptions.Parse(Needed, out _)!.Load;

        Assert.Equal(new PlannedLoad { EventsPerSecond = 50, Endpoints = 5, Matching = 1, EventBytes = 1024, Retention = TimeSpan.FromDays(7), Outage = TimeSpan.FromHours(1) }, load);
        Assert.Null(load.QueueSize);
    }

    [Theory]
    [InlineData("--calibrate", PlanMode.Calibrate)]
    [InlineData("--check", PlanMode.Check)]
    public void A_measurement_needs_no_load(string flag, object mode)
    {
        var options = PlanOptions.Parse([flag, "--native", "--rate", "700", "--seconds", "5"], out _)!;

        Assert.Equal((mode, true, 700, 5), (options.Mode, options.Native, options.Rate, options.Seconds));
    }

    [Theory]
    [InlineData("--events-per-second", "0", "a number from 1 to 1000000")]
    [InlineData("--events-per-second", "fast", "a number from 1 to 1000000")]
    [InlineData("--endpoints", "100001", "a number from 1 to 100000")]
    [InlineData("--matching", "-1", "a number from 0 to 100000")]
    [InlineData("--matching", "6", "at most the 5 of --endpoints")]
    [InlineData("--event-bytes", "255", "a number from 256 to 16777216")]
    [InlineData("--queue-size", "1.5", "a number from 1 to 100000000")]
    [InlineData("--cores", "0", "a number from 1 to 1024")]
    [InlineData("--retention", "59s", "a time from 1m to 3650d, such as 7d")]
    [InlineData("--retention", "7", "a time from 1m to 3650d, such as 7d")]
    [InlineData("--outage", "400d", "a time from 1s to 365d, such as 1h")]
    [InlineData("--receiver-time", "0", "a time from 1ms to 5m, such as 100ms")]
    [InlineData("--store", "memory", "sqlite or postgres")]
    [InlineData("--disk", "no/such/folder", "a folder that exists")]
    [InlineData("--rate", "0", "a number from 1 to 1000000")]
    [InlineData("--seconds", "601", "a number from 1 to 600")]
    public void A_wrong_value_is_named_with_what_is_accepted(string name, string value, string accepted) =>
        Assert.Equal($"{name} \"{value}\" is not accepted; expected {accepted}", FaultOf([.. Needed, name, value]));

    [Theory]
    [InlineData("--event-rate is no option of plan", "--event-rate")]
    [InlineData("--event-rate is no option of plan", "--event-rate", "5")]
    [InlineData("--endpoints has no value; expected a number from 1 to 100000", "--endpoints")]
    [InlineData("--events-per-second is missing; expected a number from 1 to 1000000", "--endpoints", "5")]
    [InlineData("--endpoints is missing; expected a number from 1 to 100000", "--events-per-second", "5")]
    [InlineData("--events-per-second is missing; expected a number from 1 to 1000000")]
    public void What_is_no_load_is_named(string fault, params string[] args) => Assert.Equal(fault, FaultOf(args));

    private static string FaultOf(string[] args)
    {
        Assert.Null(PlanOptions.Parse(args, out var fault));
        return fault;
    }
}
