using System.Text.Json.Serialization;

namespace Bench.Serve;

/// <summary>The counts of the receiver. Times are monotonic ticks, comparable among the processes of one machine.</summary>
internal sealed record ReceiverStats
{
    /// <summary>Events answered with 200.</summary>
    public required long Events { get; init; }

    /// <summary>The same, each event once for each endpoint.</summary>
    public required long Unique { get; init; }

    public required long Unreadable { get; init; }

    /// <summary>Requests read and not answered, because the gate is closed.</summary>
    public required int Held { get; init; }

    public required long OpenedAt { get; init; }

    public required long LastAt { get; init; }

    [JsonIgnore]
    public long Duplicates => Events - Unique;
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ReceiverStats))]
internal sealed partial class ReceiverJson : JsonSerializerContext;
