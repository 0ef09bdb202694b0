using System.Buffers;

namespace ServiceDefaults.Logging;

/// <summary>
/// Writes lines to an output by a thread of its own. At most 1 MiB of lines wait for an output that nobody reads; those beyond are dropped and
/// counted.
/// </summary>
internal sealed class LineWriter : IDisposable
{
    /// <summary>The most bytes that may wait.</summary>
    public const int MostBytes = 1 << 20;

    private static readonly TimeSpan LastWait = TimeSpan.FromSeconds(2);

    private readonly Stream _output;
    private readonly Action<long, IBufferWriter<byte>>? _noteDropped;
    private readonly object _gate = new();
    private readonly Thread _thread;
    private Block _waiting = new();
    private long _dropped;
    private bool _hasEnded;

    /// <summary><paramref name="noteDropped"/> writes the line that stands where so many were dropped.</summary>
    public LineWriter(Stream output, Action<long, IBufferWriter<byte>>? noteDropped = null)
    {
        _output = output;
        _noteDropped = noteDropped;
        _thread = new Thread(WriteBlocks) { IsBackground = true, Name = "log" };
        _thread.UnsafeStart();
    }

    /// <summary>The number of dropped lines.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Takes a line with its end, or drops it; never waits for the output.</summary>
    public void Add(ReadOnlySpan<byte> line)
    {
        lock (_gate)
        {
            if (_hasEnded || _waiting.Bytes.WrittenCount + line.Length > MostBytes)
            {
                Drop(1);
                return;
            }

            _waiting.Bytes.Write(line);
            _waiting.Lines++;
            Monitor.Pulse(_gate);
        }
    }

    /// <summary>Writes the waiting lines, for 2 s at most: nobody may be reading.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _hasEnded = true;
            Monitor.Pulse(_gate);
        }

        _thread.Join(LastWait);
    }

    private void WriteBlocks()
    {
        var next = new Block();
        while (TryTake(ref next))
        {
            Write(next);
            next.Clear();
        }
    }

    /// <summary>Swaps an empty block for the one that waits; false when all is written and no more comes.</summary>
    private bool TryTake(ref Block block)
    {
        lock (_gate)
        {
            while (_waiting.Lines == 0 && !_hasEnded)
            {
                Monitor.Wait(_gate);
            }

            (block, _waiting) = (_waiting, block);
            return block.Lines > 0;
        }
    }

    private void Write(Block block)
    {
        try
        {
            if (block.Dropped > 0)
            {
                // They came when the block was full, so they are missing after its last line.
                _noteDropped?.Invoke(block.Dropped, block.Bytes);
            }

            _output.Write(block.Bytes.WrittenSpan);
        }
        catch (Exception)
        {
            // A full disk, a terminal that went away: there is no other place for it, and the next block may get through.
            lock (_gate)
            {
                Drop(block.Lines);
                _waiting.Dropped += block.Dropped;
            }
        }
    }

    private void Drop(int lines)
    {
        Interlocked.Add(ref _dropped, lines);
        _waiting.Dropped += lines;
    }

    /// <summary>Lines that are written together, and the number dropped after them.</summary>
    private sealed class Block
    {
        public ArrayBufferWriter<byte> Bytes { get; } = new();

        public int Lines { get; set; }

        public long Dropped { get; set; }

        public void Clear()
        {
            Bytes.ResetWrittenCount();
            (Lines, Dropped) = (0, 0);
        }
    }
}
