namespace Middleware.Storage.Postgres;

/// <summary>
/// The sequence numbers of one writer. They have the milliseconds since 2020 of the server's clock (41 bits, to 2089), the writer's stream (6 bits) and
/// a counter (16 bits). The server's clock is read at the start of each session and followed by the monotonic one: no clock of a replica decides anything.
/// </summary>
internal sealed class PostgresClock(TimeProvider clock, DateTimeOffset serverTime, long start, int stream)
{
    /// <summary>The number of streams, and so the most replicas.</summary>
    public const int Streams = 64;

    private const int StreamBits = 6;
    private const int CounterBits = 16;
    private const int TimeShift = StreamBits + CounterBits;

    private const int Readings = 5;

    private static readonly DateTimeOffset Epoch = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public int Stream => stream;

    public DateTimeOffset Now => serverTime + clock.GetElapsedTime(start);

    /// <summary>
    /// Reads the server's clock several times and goes by the quickest reply, as if it was read halfway. The clock is wrong by at most half of that reply's time:
    /// one reply may be late by the whole load of a start.
    /// </summary>
    public static PostgresClock Read(Func<DateTimeOffset> server, TimeProvider clock, int stream)
    {
        var (took, asked, time) = Enumerable.Range(0, Readings).Select(_ =>
        {
            var start = clock.GetTimestamp();
            var time = server();
            return (Took: clock.GetElapsedTime(start), start, time);
        }).MinBy(static reading => reading.Took);
        return new PostgresClock(clock, time - (took / 2), asked, stream);
    }

    /// <summary>The stream of a sequence number.</summary>
    public static int StreamOf(long sequence) => (int)(sequence >> CounterBits) & (Streams - 1);

    /// <summary>The first sequence number of a time, of any stream.</summary>
    public static long FirstAt(DateTimeOffset time) => Math.Max(0, (long)(time - Epoch).TotalMilliseconds) << TimeShift;

    /// <summary>The time in a sequence number, in whole milliseconds.</summary>
    public static DateTimeOffset TimeOf(long sequence) => Epoch.AddMilliseconds(sequence >> TimeShift);

    /// <summary>The next number above <paramref name="last"/>, of this stream.</summary>
    public long Next(long last) => Next(last, Now, stream);

    /// <summary>The next number of a stream above <paramref name="last"/>, at a time.</summary>
    public static long Next(long last, DateTimeOffset time, int stream)
    {
        var now = FirstAt(time) | ((long)stream << CounterBits);
        if (now > last)
        {
            return now;
        }

        // The counter of a millisecond is never full in practice; the next one is begun then, ahead of the clock.
        var next = last + 1;
        return StreamOf(next) == stream ? next : (((last >> TimeShift) + 1) << TimeShift) | ((long)stream << CounterBits);
    }
}
