namespace Bench.Capacity;

/// <summary>A load whose use is measured.</summary>
/// <param name="Name">In the report.</param>
/// <param name="Bytes">Of a request's body.</param>
/// <param name="Matching">The endpoints that each event matches.</param>
/// <param name="Rate">Events a second; 0: as many as are accepted.</param>
internal sealed record MeasuredLoad(string Name, int Bytes, int Matching, int Rate)
{
    public double Kibibytes => Bytes / 1024.0;
}

/// <summary>The use of a load, for each of its events.</summary>
/// <param name="EventsPerSecond">From the first request to the last delivery.</param>
/// <param name="ServiceMicroseconds">CPU of the service.</param>
/// <param name="ServerMicroseconds">CPU of the database server; 0 with SQLite.</param>
/// <param name="KeptBytes">Bytes in the store.</param>
/// <param name="WrittenBytes">Bytes written to the disk.</param>
/// <param name="Commits">Transactions of the service.</param>
/// <param name="PeakMegabytes">Peak resident memory of the service in all.</param>
internal sealed record MeasuredUse(
    double EventsPerSecond, double ServiceMicroseconds, double ServerMicroseconds, double KeptBytes, double WrittenBytes, double Commits, double PeakMegabytes);

/// <summary>A use that was predicted by figures, and then measured.</summary>
internal sealed record Prediction(string Use, double Predicted, double Used)
{
    public const double Least = 0.7;
    public const double Most = 1.3;

    public double Ratio => Predicted / Used;

    public bool IsClose => Ratio is >= Least and <= Most;

    /// <summary>Each use of a load, by figures that were measured of others.</summary>
    public static IEnumerable<Prediction> Of(Calibration figures, MeasuredLoad load, MeasuredUse used)
    {
        var (rate, stored) = (used.EventsPerSecond, Calibration.StoredKibibytes(figures.Store, load.Bytes));
        yield return new("CPU of the service, µs/event", (figures.ServiceCpu.Of(rate, load.Kibibytes, load.Matching) + (figures.IdleCores * 1e6)) / rate, used.ServiceMicroseconds);
        if (figures.Store == PlannedStore.Postgres)
        {
            yield return new("CPU of the server, µs/event", figures.ServerCpu.Of(rate, load.Kibibytes, load.Matching) / rate, used.ServerMicroseconds);
        }

        yield return new("bytes kept/event", figures.Kept.Of(stored, load.Matching), used.KeptBytes);
        yield return new("bytes written/event", figures.Written.Of(rate, stored, load.Matching) / rate, used.WrittenBytes);
        yield return new("peak MB", figures.Megabytes.Of(load.Kibibytes, load.Matching), used.PeakMegabytes);
    }
}
