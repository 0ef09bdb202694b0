using System.Text.Json.Serialization;

namespace Bench.Capacity;

/// <summary>The figures that a plan is made of, as they were measured of a store.</summary>
internal sealed record Calibration
{
    /// <summary>The machine, the code and the day.</summary>
    public required string Measured { get; init; }

    public required PlannedStore Store { get; init; }

    /// <summary>Cores of a service without a load.</summary>
    public required double IdleCores { get; init; }

    /// <summary>Microseconds of CPU of the service, without those of its idle time.</summary>
    public required RatedCost ServiceCpu { get; init; }

    /// <summary>Microseconds of CPU of the database server.</summary>
    public required RatedCost ServerCpu { get; init; }

    /// <summary>Bytes that are written to the disk, the log included; its KiB are those that a body takes in the store.</summary>
    public required RatedCost Written { get; init; }

    /// <summary>Bytes that are kept; its KiB are the same.</summary>
    public required EventCost Kept { get; init; }

    /// <summary>Peak megabytes of the service while its receivers answer.</summary>
    public required EventCost Megabytes { get; init; }

    /// <summary>Megabytes for each endpoint that is sent to.</summary>
    public required double MegabytesPerEndpoint { get; init; }

    /// <summary>Megabytes more while so many events wait that all windows are full.</summary>
    public required double MegabytesOfBacklog { get; init; }

    /// <summary>CPU for an event of two replicas and their server, of that of one.</summary>
    public double TwoReplicas { get; init; } = 1;

    /// <summary>The KiB that a body takes in the store.</summary>
    public static double StoredKibibytes(PlannedStore store, double eventBytes) => (store == PlannedStore.Sqlite ? SqlitePages.BytesOf(eventBytes) : eventBytes) / 1024;

    public static string FileIn(string folder, PlannedStore store) => Path.Combine(folder, store == PlannedStore.Sqlite ? "calibration-sqlite.json" : "calibration-postgres.json");

    /// <summary>The one that was written to a folder; null for none.</summary>
    public static Calibration? Load(string folder, PlannedStore store) =>
        FileIn(folder, store) is var file && File.Exists(file) ? JsonSerializer.Deserialize(File.ReadAllBytes(file), CalibrationJson.Default.Calibration) : null;

    public void Save(string folder) => File.WriteAllBytes(FileIn(folder, Store), JsonSerializer.SerializeToUtf8Bytes(this, CalibrationJson.Default.Calibration));
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true, UseStringEnumConverter = true)]
[JsonSerializable(typeof(Calibration))]
internal sealed partial class CalibrationJson : JsonSerializerContext;
