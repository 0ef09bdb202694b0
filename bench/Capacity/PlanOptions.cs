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
            var isFlag = name is "--calibrate" or "--check" or "--native";
            if (!isFlag && rest.IsEmpty)
            {
                fault = Accepted(name) is { } expected ? $"{name} has no value; expected {expected}" : Unknown(name);
                return null;
            }

            if (options.With(name, isFlag ? "" : rest[0]) is not { } changed)
            {
                fault = Accepted(name) is { } expected ? $"{name} \"{rest[0]}\" is not accepted; expected {expected}" : Unknown(name);
                return null;
            }

            options = changed;
            args = isFlag ? rest : rest[1..];
        }

        fault = options.FaultOfAll();
        return fault.Length == 0 ? options : null;
    }

    private string FaultOfAll() => this switch
    {
        { Mode: not PlanMode.Plan } => "",
        { Load.EventsPerSecond: 0 } => $"--events-per-second is missing; expected {Accepted("--events-per-second")}",
        { Load.Endpoints: 0 } => $"--endpoints is missing; expected {Accepted("--endpoints")}",
        _ when Load.Matching > Load.Endpoints => $"--matching \"{Load.Matching}\" is not accepted; expected at most the {Load.Endpoints} of --endpoints",
        _ => "",
    };

    private PlanOptions? With(string name, string value) => (name, value) switch
    {
        ("--calibrate", _) => this with { Mode = PlanMode.Calibrate },
        ("--check", _) => this with { Mode = PlanMode.Check },
        ("--native", _) => this with { Native = true },
        ("--disk", _) when Directory.Exists(value) => this with { Disk = value },
        ("--store", "sqlite") => this with { Load = Load with { Store = PlannedStore.Sqlite } },
        ("--store", "postgres") => this with { Load = Load with { Store = PlannedStore.Postgres } },
        ("--events-per-second", _) when Number(value, 1, MostEvents) is { } number => this with { Load = Load with { EventsPerSecond = number } },
        ("--endpoints", _) when Number(value, 1, MostEndpoints) is { } number => this with { Load = Load with { Endpoints = number } },
        ("--matching", _) when Number(value, 0, MostEndpoints) is { } number => this with { Load = Load with { Matching = number } },
        ("--event-bytes", _) when Number(value, LeastBytes, 16 << 20) is { } number => this with { Load = Load with { EventBytes = number } },
        ("--queue-size", _) when Number(value, 1, 100_000_000) is { } number => this with { Load = Load with { QueueSize = number } },
        ("--cores", _) when Number(value, 1, 1024) is { } number => this with { Load = Load with { CoresOfMachine = number } },
        ("--retention", _) when Time(value, Second * 60, Day * 3650) is { } time => this with { Load = Load with { Retention = time } },
        ("--outage", _) when Time(value, Second, Day * 365) is { } time => this with { Load = Load with { Outage = time } },
        ("--receiver-time", _) when Time(value, Second / 1000, Second * 300) is { } time => this with { Load = Load with { ReceiverTime = time } },
        ("--rate", _) when Number(value, 1, MostEvents) is { } number => this with { Rate = number },
        ("--seconds", _) when Number(value, 1, 600) is { } number => this with { Seconds = number },
        _ => null,
    };

    private static string? Accepted(string name) => name switch
    {
        "--disk" => "a folder that exists",
        "--store" => "sqlite or postgres",
        "--events-per-second" or "--rate" => $"a number from 1 to {MostEvents}",
        "--endpoints" => $"a number from 1 to {MostEndpoints}",
        "--matching" => $"a number from 0 to {MostEndpoints}",
        "--event-bytes" => $"a number from {LeastBytes} to {16 << 20}",
        "--queue-size" => "a number from 1 to 100000000",
        "--cores" => "a number from 1 to 1024",
        "--retention" => "a time from 1m to 3650d, such as 7d",
        "--outage" => "a time from 1s to 365d, such as 1h",
        "--receiver-time" => "a time from 1ms to 5m, such as 100ms",
        "--seconds" => "a number from 1 to 600",
        _ => null,
    };

    private static string Unknown(string name) => $"{name} is no option of plan";

    private static int? Number(string text, int least, int most) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most ? number : null;

    private static TimeSpan? Time(string text, TimeSpan least, TimeSpan most) =>
        Duration.TryParse(text, out var time) && time >= least && time <= most ? time : null;
}
