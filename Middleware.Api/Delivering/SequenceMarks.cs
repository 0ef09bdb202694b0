namespace Middleware.Delivering;

/// <summary>
/// A place in the sequences of all writers: the deliveries up to its mark for their stream are before it. Numbers of different streams are committed in
/// any order; within a stream the order is that of the numbers. A store with one writer has one stream. Used by one thread at a time.
/// </summary>
/// <param name="streams">The number of streams, 1 or <see cref="MostStreams"/>.</param>
internal sealed class SequenceMarks(int streams)
{
    public const int MostStreams = 64;

    private const int CounterBits = 16;

    /// <summary>The time for which a row may be invisible after it has its number, as numbers: two minutes in milliseconds. No transaction takes as long.</summary>
    private const long Late = 120_000L << 22;

    // Of the streams that have one: few write at a time, each replica in its own.
    private (int Stream, long Mark)[] _marks = [];
    private long _ofOthers;
    private long _lowest;

    /// <summary>The highest number that is before this place whatever its stream: a read begins after it.</summary>
    public long Lowest => streams == 1 ? At(0) : _lowest;

    /// <summary>The marks of all streams.</summary>
    public IEnumerable<long> All => Enumerable.Range(0, MostStreams).Select(stream => At(streams == 1 ? 0 : stream));

    /// <summary>The place after a delivery, whatever its stream.</summary>
    public static implicit operator SequenceMarks(long sequence) => After(sequence);

    /// <inheritdoc cref="op_Implicit(long)"/>
    public static SequenceMarks After(long sequence) => new(1) { _marks = [(0, sequence)] };

    /// <summary>True for a delivery that is behind this place.</summary>
    public bool IsPassedBy(long sequence) => sequence > At(StreamOf(sequence));

    /// <summary>True when <paramref name="other"/> has a higher mark.</summary>
    public bool IsBefore(SequenceMarks other)
    {
        foreach (var (stream, mark) in other._marks)
        {
            if (mark > At(stream))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Moves the place past a delivery.</summary>
    public void Raise(long sequence) => Raise(StreamOf(sequence), sequence);

    /// <summary>Moves the place past all that is before another.</summary>
    public void Raise(SequenceMarks other)
    {
        foreach (var (stream, mark) in other._marks)
        {
            Raise(stream, mark);
        }
    }

    public SequenceMarks Copy() => new(streams) { _marks = [.. _marks], _ofOthers = _ofOthers, _lowest = _lowest };

    /// <summary>A copy, as the beginning of a read of what is before <paramref name="end"/>.</summary>
    /// <param name="end">The place up to which all is known to be there.</param>
    /// <param name="isOfKnown">
    /// True for a read of the streams alone that either place has a mark of. The first row of another may become visible after its second was read, which would pass it
    /// over. A read of all streams begins earlier instead.
    /// </param>
    public SequenceMarks ToRead(SequenceMarks end, bool isOfKnown)
    {
        var copy = Copy();
        if (streams == 1)
        {
            return copy;
        }

        var (lowest, highest) = (long.MaxValue, 0L);
        foreach (var (stream, _) in _marks.Concat(end._marks))
        {
            var mark = At(stream);
            (lowest, highest) = (Math.Min(lowest, mark), Math.Max(highest, mark));
            copy.Raise(stream, mark);
        }

        copy._ofOthers = isOfKnown ? long.MaxValue : 0;
        copy._lowest = lowest == long.MaxValue ? 0 : isOfKnown ? lowest : Math.Min(lowest, Math.Max(0, highest - Late));
        return copy;
    }

    private int StreamOf(long sequence) => streams == 1 ? 0 : (int)(sequence >> CounterBits) & (MostStreams - 1);

    private long At(int stream) => IndexOf(stream) is var index and >= 0 ? _marks[index].Mark : _ofOthers;

    private void Raise(int stream, long mark)
    {
        var index = IndexOf(stream);
        if (index < 0)
        {
            _marks = [.. _marks, (stream, mark)];
        }
        else if (mark > _marks[index].Mark)
        {
            _marks[index].Mark = mark;
        }
    }

    private int IndexOf(int stream)
    {
        for (var index = 0; index < _marks.Length; index++)
        {
            if (_marks[index].Stream == stream)
            {
                return index;
            }
        }

        return -1;
    }
}
