using System.Globalization;

namespace Tests.Chaos;

/// <summary>An endpoint of a run, with the limits that hold over all replicas.</summary>
internal sealed record ChaosEndpoint(string Name, int Workers)
{
    /// <summary>The time limit of an attempt.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(3);

    /// <summary>The member of the metadata that is the key of an ordered endpoint.</summary>
    public const string OrderKey = "customer";

    /// <summary>All endpoints of a run. Each gets the events that have its name as their type.</summary>
    public static readonly IReadOnlyList<ChaosEndpoint> All =
    [
        .. Enumerable.Range(1, 6).Select(static number => new ChaosEndpoint(string.Create(CultureInfo.InvariantCulture, $"plain{number}"), 4) { Share = 10, Takes = (2, 20) }),
        new("narrow1", 1) { Share = 5, Takes = (2, 20) },
        new("narrow2", 1) { Share = 5, Takes = (2, 20) },
        new("slow", 6) { Share = 4, Takes = (200, 800) },
        new("batch1", 2) { Share = 12, Takes = (10, 50), BatchSize = 20 },
        new("batch2", 1) { Share = 8, Takes = (10, 50), BatchSize = 20 },
        new("rated", 4) { Share = 6, Takes = (2, 20), PerSecond = 10, Burst = 20 },
        new("flaky", 4) { Share = 6, Takes = (2, 20), IsFlaky = true },
        new("twins", 4) { Takes = (2, 20) },
        new("sharded", 8) { Share = 12, Takes = (2, 60), Shards = 4, PerSecond = 40, Burst = 16 },
        new("ordered", 8) { Share = 12, Takes = (2, 30), IsFlaky = true, IsOrdered = true },
        new("both", 8) { Share = 8, Takes = (2, 30), IsFlaky = true, IsOrdered = true, Shards = 4 },
    ];

    /// <summary>Its part of the events.</summary>
    public int Share { get; init; }

    /// <summary>The least and the most milliseconds until its receiver answers.</summary>
    public (int Least, int Most) Takes { get; init; }

    /// <summary>The most events of a request; 1 for one event a request.</summary>
    public int BatchSize { get; init; } = 1;

    /// <summary>The most requests in a second on average; 0 for any number.</summary>
    public int PerSecond { get; init; }

    public int Burst { get; init; }

    /// <summary>The shards at first.</summary>
    public int Shards { get; init; } = 1;

    /// <summary>True when its number of shards changes in a run.</summary>
    public bool IsSharded => Shards > 1;

    /// <summary>True when it is in order by key.</summary>
    public bool IsOrdered { get; init; }

    /// <summary>True when its receiver refuses some events for good, and others at first.</summary>
    public bool IsFlaky { get; init; }

    /// <summary>Its definition for the service, with the URL of its receiver.</summary>
    public string Definition(Uri url)
    {
        var definition = new JsonObject
        {
            ["name"] = Name,
            ["url"] = url.ToString(),
            ["workers"] = Workers,
            ["shards"] = Shards,
            ["timeout"] = string.Create(CultureInfo.InvariantCulture, $"{Timeout.TotalSeconds}s"),
            ["max_retries"] = 10,
            ["base_delay"] = "200ms",
            ["redelivery_schedule"] = new JsonArray(),
            ["filter"] = new JsonObject { ["event_types"] = new JsonArray(Name) },
        };
        if (IsOrdered)
        {
            (definition["ordering"], definition["ordering_key"]) = ("key", OrderKey);
        }

        if (BatchSize > 1)
        {
            definition["batch"] = new JsonObject { ["max_size"] = BatchSize, ["max_wait"] = "100ms" };
        }

        if (PerSecond > 0)
        {
            definition["rate_limit"] = new JsonObject { ["per_second"] = PerSecond, ["burst"] = Burst };
        }

        return definition.ToJsonString();
    }
}
