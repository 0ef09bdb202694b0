using System.Globalization;
using ServiceDefaults.Settings;

namespace Bench.Capacity;

/// <summary>The task of the command <c>plan</c>.</summary>
internal enum PlanMode
{
    /// <summary>Prints the plan of a load.</summary>
    Plan,

    /// <summary>Measures the figures of this machine and keeps them.</summary>
    Calibrate,

    /// <summary>Measures them, predicts another load by them, and measures that.</summary>
    Check,
}

/// <summary>The arguments of the command <c>plan</c>.</summary>
internal sealed record PlanOptions
{
    public const string Usage = """
        usage: dotnet run -c Release --project bench -- plan --events-per-second N --endpoints N
          --matching 1          endpoints that each event matches    --event-bytes 1024   of a request's body
          --retention 7d        how long events are kept             --outage 1h          how long receivers may be away
          --queue-size N        the setting QUEUE_SIZE               --receiver-time 100ms   in which they answer
          --store sqlite        or postgres                          --cores 4            of one machine at most
          --disk FOLDER         on the disk whose flush is measured
        plan --calibrate and plan --check measure instead; both take
          --store sqlite        or postgres                          --native             the service is published as native code
          --rate 1000           events a second of most loads; a fourth of it, four times it, and no limit of the others
          --seconds 8           of each load
        """;

    private const int MostEndpoints = 100_000;
    private const int MostEvents = 1_000_000;
    private const int LeastBytes = 256;

    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    private static readonly Dictionary<string, Option> Known = new()
    {
        ["--calibrate"] = new("", static (options, _) => options with { Mode = PlanMode.Calibrate }),
        ["--check"] = new("", static (options, _) => options with { Mode = PlanMode.Check }),
        ["--native"] = new("", static (options, _) => options with { Native = true }),
        ["--disk"] = new("a folder that exists", static (options, value) => Directory.Exists(value) ? options with { Disk = value } : null),
        ["--store"] = new("sqlite or postgres", static (options, value) => value switch
        {
            "sqlite" => options with { Load = options.Load with { Store = PlannedStore.Sqlite } },
            "postgres" => options with { Load = options.Load with { Store = PlannedStore.Postgres } },
            _ => null,
        }),
        ["--events-per-second"] = Whole(1, MostEvents, static (options, number) => options with { Load = options.Load with { EventsPerSecond = number } }),
        ["--endpoints"] = Whole(1, MostEndpoints, static (options, number) => options with { Load = options.Load with { Endpoints = number } }),
        ["--matching"] = Whole(0, MostEndpoints, static (options, number) => options with { Load = options.Load with { Matching = number } }),
        ["--event-bytes"] = Whole(LeastBytes, 16 << 20, static (options, number) => options with { Load = options.Load with { EventBytes = number } }),
        ["--queue-size"] = Whole(1, 100_000_000, static (options, number) => options with { Load = options.Load with { QueueSize = number } }),
        ["--cores"] = Whole(1, 1024, static (options, number) => options with { Load = options.Load with { CoresOfMachine = number } }),
        ["--retention"] = Time(Second * 60, Day * 3650, "7d", static (options, time) => options with { Load = options.Load with { Retention = time } }),
        ["--outage"] = Time(Second, Day * 365, "1h", static (options, time) => options with { Load = options.Load with { Outage = time } }),
        ["--receiver-time"] = Time(Second / 1000, Second * 300, "100ms", static (options, time) => options with { Load = options.Load with { ReceiverTime = time } }),
        ["--rate"] = Whole(1, MostEvents, static (options, number) => options with { Rate = number }),
        ["--seconds"] = Whole(1, 600, static (options, number) => options with { Seconds = number }),
    };

    public PlanMode Mode { get; init; }

    public PlannedLoad Load { get; init; } = new() { EventsPerSecond = 0, Endpoints = 0 };

    public bool Native { get; init; }

    public int Rate { get; init; } = 1000;

    public int Seconds { get; init; } = 8;

    /// <summary>A folder on the disk whose flush is measured; null for that of the results.</summary>
    public string? Disk { get; init; }

    /// <summary>The options, or null and the argument that is wrong, with what is accepted.</summary>
    public static PlanOptions? Parse(ReadOnlySpan<string> args, out string fault)
    {
        var options = new PlanOptions();
        for (fault = ""; args is [var name, .. var rest];)
        {
            if (!Known.TryGetValue(name, out var option))
            {
                fault = $"{name} is no option of plan";
                return null;
            }

            if (!option.IsFlag && rest.IsEmpty)
            {
                fault = $"{name} has no value; expected {option.Accepted}";
                return null;
            }

            if (option.With(options, option.IsFlag ? "" : rest[0]) is not { } changed)
            {
                fault = $"{name} \"{rest[0]}\" is not accepted; expected {option.Accepted}";
                return null;
            }

            options = changed;
            args = option.IsFlag ? rest : rest[1..];
        }

        fault = options.FaultOfAll();
        return fault.Length == 0 ? options : null;
    }

    private string FaultOfAll() => this switch
    {
        { Mode: not PlanMode.Plan } => "",
        { Load.EventsPerSecond: 0 } => $"--events-per-second is missing; expected {Known["--events-per-second"].Accepted}",
        { Load.Endpoints: 0 } => $"--endpoints is missing; expected {Known["--endpoints"].Accepted}",
        _ when Load.Matching > Load.Endpoints => $"--matching \"{Load.Matching}\" is not accepted; expected at most the {Load.Endpoints} of --endpoints",
        _ => "",
    };

    private static Option Whole(int least, int most, Func<PlanOptions, int, PlanOptions> apply) => new($"a number from {least} to {most}", (options, text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most ? apply(options, number) : null);

    private static Option Time(TimeSpan least, TimeSpan most, string example, Func<PlanOptions, TimeSpan, PlanOptions> apply) => new(
        $"a time from {Duration.Format(least)} to {Duration.Format(most)}, such as {example}",
        (options, text) => Duration.TryParse(text, out var time) && time >= least && time <= most ? apply(options, time) : null);

    /// <summary>An argument: the values that it accepts, none for a flag, and the options with one of them; null for any other.</summary>
    private sealed record Option(string Accepted, Func<PlanOptions, string, PlanOptions?> With)
    {
        public bool IsFlag => Accepted.Length == 0;
    }
}
