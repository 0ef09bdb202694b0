using Middleware.Storage.Postgres;
using Middleware.Storage.Sql;

namespace Middleware.Storage.Copying;

/// <summary>
/// The new sequence number of each old one. New ones have the time of their event, in the order of the old ones. The number of a retry follows the one
/// before it, and so does that of an event whose clock was behind. Takes 16 bytes of memory a number.
/// </summary>
/// <remarks>
/// Each old number that a row bears has a new one of its own. Those of purged events have one between the rows beside them. So a cursor at such a
/// number stays where it was.
/// </remarks>
internal sealed class SequenceMap
{
    private const int Stream = 0;
    private const long NoTime = long.MinValue;

    private readonly List<long> _old;
    private readonly List<long> _new;

    private SequenceMap(List<long> old, List<long> times, DateTimeOffset latest)
    {
        SteadyTimes(times, latest.ToUnixTimeMilliseconds());
        (_old, _new) = (old, times);
        var (lastOld, last) = (0L, 0L);
        for (var index = 0; index < old.Count; index++)
        {
            // A number of purged events is kept free.
            var isBehindGap = old[index] != lastOld + 1;
            last = PostgresClock.Next(isBehindGap ? last + 1 : last, DateTimeOffset.FromUnixTimeMilliseconds(times[index]), Stream);
            (lastOld, _new[index]) = (old[index], last);
        }
    }

    /// <summary>The number of old numbers that rows bear.</summary>
    public int Count => _old.Count;

    /// <summary>The highest new number.</summary>
    public long Last => _new.Count == 0 ? 0 : _new[^1];

    /// <summary>The days of the new numbers, in order.</summary>
    public IEnumerable<DateTimeOffset> Days => _new.Select(static number => new DateTimeOffset(PostgresClock.TimeOf(number).UtcDateTime.Date, TimeSpan.Zero)).Distinct();

    /// <summary>Reads all sequence numbers of a store.</summary>
    /// <param name="source">The store.</param>
    /// <param name="latest">The end of its time: later times are taken for this one.</param>
    public static SequenceMap Read(ISqlConnection source, DateTimeOffset latest)
    {
        using var count = source.Prepare("SELECT COUNT(*) FROM events");
        var events = checked((int)count.Scalar()!.Value);
        var (old, times) = (new List<long>(events), new List<long>(events));
        var columns = CopiedTable.Sequences.Select(static place =>
            $"SELECT {place.Column} AS seq, {(place.Table == "events" ? "accepted_at" : "NULL")} AS at FROM {place.Table} WHERE {place.Column} IS NOT NULL");
        using var read = source.Prepare($"SELECT seq, at FROM ({string.Join(" UNION ALL ", columns)}) ORDER BY seq");
        read.ForEach(row =>
        {
            var (number, time) = (Column.Number(row, 0), Column.IsNull(row, 1) ? NoTime : Column.Time(row, 1).ToUnixTimeMilliseconds());
            if (old.Count > 0 && old[^1] == number)
            {
                times[^1] = Math.Max(times[^1], time);
                return;
            }

            old.Add(number);
            times.Add(time);
        });
        return Of(old, times, latest);
    }

    /// <summary>Makes a map of ascending numbers, and the time of each in milliseconds since 1970; null where it has none.</summary>
    public static SequenceMap Of(IEnumerable<(long Number, long? Time)> numbers, DateTimeOffset latest)
    {
        var all = numbers.ToList();
        return Of(all.ConvertAll(static one => one.Number), all.ConvertAll(static one => one.Time ?? NoTime), latest);
    }

    /// <summary>The new number of an old one. Of two old ones the lower has never the higher new one.</summary>
    public long this[long old]
    {
        get
        {
            var index = _old.BinarySearch(old);
            return index >= 0 ? _new[index]
                : old <= 0 ? 0
                : ~index == 0 ? 1
                : _new[~index - 1] + 1;
        }
    }

    private static SequenceMap Of(List<long> old, List<long> times, DateTimeOffset latest) => new(old, times, latest);

    /// <summary>
    /// Has times never go back, and gives one to the numbers without. A damaged time must not move all that follow it: of the times of an event and those
    /// beside it the middle one is taken.
    /// </summary>
    private static void SteadyTimes(List<long> times, long latest)
    {
        var known = times.Where(static time => time != NoTime).Select(time => Math.Min(time, latest)).ToArray();
        var (at, steady) = (0, known.Length == 0 ? latest : Middle(known, 0));
        for (var index = 0; index < times.Count; index++)
        {
            if (times[index] != NoTime)
            {
                steady = Math.Max(steady, Middle(known, at));
                at++;
            }

            times[index] = steady;
        }
    }

    private static long Middle(long[] times, int at) =>
        at == times.Length - 1 ? times[at]
        : at > 0 ? Median(times[at - 1], times[at], times[at + 1])
        : Math.Min(times[0], times.Length < 3 ? times[1] : Median(times[0], times[1], times[2]));

    private static long Median(long one, long two, long three) => Math.Max(Math.Min(one, two), Math.Min(Math.Max(one, two), three));
}
