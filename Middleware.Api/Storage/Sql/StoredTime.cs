namespace Middleware.Storage.Sql;

/// <summary>Times as they are stored: microseconds since 1970, UTC.</summary>
internal static class StoredTime
{
    /// <summary>The last possible time, year 9999.</summary>
    public static readonly long Latest = From(DateTimeOffset.MaxValue);

    private static readonly long Earliest = From(DateTimeOffset.MinValue);

    public static long From(DateTimeOffset time) => (time - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    public static long? From(DateTimeOffset? time) => time is { } given ? From(given) : null;

    /// <summary>The time of a column. An impossible one, in a damaged row, is the first or the last possible: it never throws.</summary>
    public static DateTimeOffset To(long microseconds) =>
        DateTimeOffset.UnixEpoch.AddTicks(Math.Clamp(microseconds, Earliest, Latest) * TimeSpan.TicksPerMicrosecond);

    /// <summary>The length of a column, as <see cref="To"/> has its time.</summary>
    public static TimeSpan Length(long microseconds) => TimeSpan.FromTicks(Math.Clamp(microseconds, 0, Latest) * TimeSpan.TicksPerMicrosecond);
}
