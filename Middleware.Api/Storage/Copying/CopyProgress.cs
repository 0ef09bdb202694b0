namespace Middleware.Storage.Copying;

/// <summary>The lines of a long copy, one every few seconds.</summary>
internal sealed class CopyProgress(TextWriter output, TimeProvider clock)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    private readonly long _start = clock.GetTimestamp();
    private long _last = clock.GetTimestamp();
    private (string Work, long At, long Rows) _begun = ("", 0, 0);

    /// <summary>The time since the begin.</summary>
    public TimeSpan Elapsed => clock.GetElapsedTime(_start);

    public void Begin(string work, long rows) => _begun = (work, clock.GetTimestamp(), rows);

    /// <summary>Writes a line unless the last one is fresh.</summary>
    public void Report(long rows, long all)
    {
        if (clock.GetElapsedTime(_last) < Pause)
        {
            return;
        }

        _last = clock.GetTimestamp();
        var rate = (rows - _begun.Rows) / Math.Max(0.001, clock.GetElapsedTime(_begun.At).TotalSeconds);
        output.WriteLine(FormattableString.Invariant($"{_begun.Work}: {rows} of {all} rows, {rate:0} rows/s"));
    }

    public void Say(string line) => output.WriteLine(line);
}
