using System.Globalization;

namespace Bench;

/// <summary>Whether the service logs as it does by default, not at all, or one after the other to see what it costs.</summary>
internal enum LoggingMode
{
    On,
    Off,
    Compare,
}

/// <summary>The measurement and its length. Every number has a limit, so every run has an end.</summary>
internal sealed record Options
{
    public const string Usage = """
        usage: dotnet run -c Release --project bench -- accept|deliver|both|recovery|backlog|isolation|fanout|batch|order|compare|registry|stream|console|native|profile|postgres|cesql|chaos|upgrade|plan
               durable accept|deliver|both is the same with --store sqlite; the others are always durable, but for cesql,
               which runs in this process and takes --rounds, --seconds (1), --warmup (1) and --check;
               chaos and upgrade take only what is below for them, and exit 1 when a promise was broken;
               plan has options of its own: bench plan --events-per-second N --endpoints N ...
          --rounds 7         recovery 20, compare, stream 12,  --connections 64   of the load generator; recovery 32
                             registry, postgres 5, backlog 3   --events 300000    of each round; isolation, order 100000, postgres 60000,
          --seconds 3        of each measured phase;                              compare 20000, fanout and native 30000,
                             native 5, profile 60 in all                          profile 10000; backlog 1000000 in all;
          --warmup 4         seconds before the first round;                      registry 20000 endpoints
                             compare and native 8            --native            the service is published as native code
          --rate N           open loop, events/s; without it   --workers 10       of each endpoint and the raw loops
                             half of what saturation reached   --store memory     or sqlite
          --telemetry compare   both: what exporting metrics and a tenth of the traces costs an event
          --against FOLDER   compare: another checkout; this one's own for a trial
          --check            exit 1 below the bars             --logging on       off, or compare (accept)
          --protection compare  accept: what API keys, a rate limit and encrypted payloads cost of the rate
          --seed 1           chaos: which faults; --minutes 3   their time, 1 to 600; --replicas 3   or 2
          --from FOLDER      upgrade: a published older Middleware.Api; without it this build is the old one too
          --store sqlite     upgrade: or postgres, with two replicas; --rounds 3   each on a new store;
                             --events 5000   accepted before each replacement; --connections 8
          --self-check       the baseline against itself: 1.00 (accept, deliver, isolation, order)
        """;

    public required string Command { get; init; }

    /// <summary>Names the files of a run.</summary>
    public string Title => Telemetry ? $"telemetry-{(Sqlite ? "durable-" : "")}both" : Sqlite && HasStores(Command) ? $"durable-{Command}" : Command;

    public int Seconds { get; init; } = 3;

    public int Warmup { get; init; } = 4;

    public int Rounds { get; init; } = 7;

    public int Connections { get; init; } = 64;

    public int Events { get; init; } = 300_000;

    public int Workers { get; init; } = 10;

    /// <summary>Events a second of the open loop; 0: half of what the closed loop reached.</summary>
    public int Rate { get; init; }

    public LoggingMode Logging { get; init; }

    /// <summary>Whether to compare services that ask for keys, limit rates and encrypt payloads with one that does neither.</summary>
    public bool Protection { get; init; }

    public bool Sqlite { get; init; }

    /// <summary>Whether to compare a service that exports telemetry with one that does not.</summary>
    public bool Telemetry { get; init; }

    /// <summary>Whether the service is measured as native code.</summary>
    public bool Native { get; init; }

    /// <summary>Folder of the other checkout of a comparison.</summary>
    public string Against { get; init; } = "";

    /// <summary>The folder of a published older service; none for this build's.</summary>
    public string From { get; init; } = "";

    /// <summary>Whether upgrades are those of two replicas on PostgreSQL.</summary>
    public bool Postgres { get; init; }

    public int Seed { get; init; } = 1;

    public int Minutes { get; init; } = 3;

    public int Replicas { get; init; } = 3;

    public bool Check { get; init; }

    public bool SelfCheck { get; init; }

    /// <summary>The options, or null and what was not understood.</summary>
    public static Options? Parse(ReadOnlySpan<string> args, out string fault)
    {
        var isDurable = args is ["durable", ..];
        if ((isDurable ? args[1..] : args) is not [var command, .. var rest]
            || !(HasStores(command) || IsAlwaysDurable(command) || command is "cesql" or "chaos" or "upgrade")
            || (isDurable && !HasStores(command)))
        {
            fault = args.IsEmpty ? "say what to measure" : $"'{args[0]}' is not a command";
            return null;
        }

        var options = Defaults(command) with { Sqlite = isDurable || IsAlwaysDurable(command) };
        while (rest is [var name, .. var values])
        {
            var value = values is [var next, ..] ? next : "";
            if (options.With(name, value) is not { } changed)
            {
                fault = $"'{name} {value}' is not understood";
                return null;
            }

            options = changed;
            rest = name is "--check" or "--self-check" or "--native" ? values : values[1..];
        }

        fault = options switch
        {
            { SelfCheck: true, Command: not ("accept" or "deliver" or "isolation" or "order") } => $"'{command}' has no baseline to check against itself",
            { Against: "", Command: "compare" } => "'compare' needs --against and the folder of another checkout",
            _ => "",
        };
        return fault.Length == 0 ? options : null;
    }

    private static bool HasStores(string command) => command is "accept" or "deliver" or "both";

    private static bool IsAlwaysDurable(string command) => command is "recovery" or "backlog" or "isolation" or "fanout" or "batch" or "order" or "compare" or "registry" or "stream" or "console" or "native" or "profile" or "postgres";

    private static Options Defaults(string command) => command switch
    {
        "recovery" => new Options { Command = command, Rounds = 20, Connections = 32 },
        "backlog" => new Options { Command = command, Rounds = 3, Events = 1_000_000 },
        "isolation" or "order" => new Options { Command = command, Events = 100_000 },
        "compare" => new Options { Command = command, Rounds = 12, Events = 20_000, Warmup = 8 },
        "fanout" => new Options { Command = command, Events = 30_000 },
        "postgres" => new Options { Command = command, Rounds = 5, Events = 60_000 },
        "registry" => new Options { Command = command, Rounds = 5, Events = 20_000 },
        "stream" => new Options { Command = command, Rounds = 12 },
        "console" => new Options { Command = command, Rounds = 5, Events = 100_000 },
        "native" => new Options { Command = command, Events = 30_000, Warmup = 8, Seconds = 5 },
        "profile" => new Options { Command = command, Events = 10_000, Seconds = 60 },
        "cesql" => new Options { Command = command, Seconds = 1, Warmup = 1 },
        "upgrade" => new Options { Command = command, Rounds = 3, Events = 5_000, Connections = 8 },
        _ => new Options { Command = command },
    };

    private Options? With(string name, string value) => (name, value) switch
    {
        ("--seed", _) when Command == "chaos" && Number(value, int.MaxValue) is { } number => this with { Seed = number },
        ("--minutes", _) when Command == "chaos" && Number(value, 600) is { } number => this with { Minutes = number },
        ("--replicas", "2" or "3") when Command == "chaos" => this with { Replicas = value == "2" ? 2 : 3 },
        ("--from", not "") when Command == "upgrade" => this with { From = value },
        ("--store", "sqlite" or "postgres") when Command == "upgrade" => this with { Postgres = value == "postgres" },
        (_, _) when Command == "chaos" || (Command == "upgrade" && name is not ("--rounds" or "--events" or "--connections")) => null,
        ("--check", _) => this with { Check = true },
        ("--self-check", _) => this with { SelfCheck = true },
        ("--native", _) when Command is not ("native" or "profile" or "cesql") => this with { Native = true },
        ("--logging", "on") => this with { Logging = LoggingMode.On },
        ("--logging", "off") => this with { Logging = LoggingMode.Off },
        ("--logging", "compare") when Command == "accept" => this with { Logging = LoggingMode.Compare },
        ("--protection", "compare") when Command == "accept" => this with { Protection = true },
        ("--telemetry", "compare") when Command == "both" => this with { Telemetry = true },
        ("--against", not "") when Command == "compare" => this with { Against = value },
        ("--store", "memory") when HasStores(Command) => this with { Sqlite = false },
        ("--store", "sqlite") when Command != "cesql" => this with { Sqlite = true },
        ("--seconds", _) when Number(value, 600) is { } number => this with { Seconds = number },
        ("--warmup", _) when Number(value, 600) is { } number => this with { Warmup = number },
        ("--rounds", _) when Number(value, 100) is { } number => this with { Rounds = number },
        ("--connections", _) when Number(value, 1_000) is { } number => this with { Connections = number },
        ("--events", _) when Number(value, 5_000_000) is { } number => this with { Events = number },
        ("--workers", _) when Number(value, 500) is { } number => this with { Workers = number },
        ("--rate", _) when Number(value, 1_000_000) is { } number => this with { Rate = number },
        _ => null,
    };

    private static int? Number(string text, int most) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1 && number <= most ? number : null;
}
