using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace Middleware.Storage.Sql;

/// <summary>
/// The requests that wait for the writer, bounded in their bytes, and the choice of those for a transaction. A request too large for one goes on
/// between others. Each transaction takes a part of the oldest of them, beside the new ones.
/// </summary>
internal sealed class AcceptQueue
{
    /// <summary>
    /// The most bytes of requests that wait or are being written. Further requests are refused: the disk is behind. A larger request waits alone.
    /// </summary>
    public const long MostBytes = 64 << 20;

    /// <summary>The most events of one transaction.</summary>
    private const int EventsACommit = 512;

    /// <summary>The most rows of events and deliveries that one transaction writes: some ten milliseconds.</summary>
    private const int RowsACommit = 2 * AcceptItem.PartRows;

    private readonly ConcurrentQueue<AcceptItem> _waiting = [];

    // The writer's own: requests kept in parts, and requests with the key of such a one that wait for its answer.
    private readonly Queue<AcceptItem> _spanning = [];

    // The writer's own too: the oldest, for which the last transaction had no room. A queue that is peeked at holds on to its item.
    private AcceptItem? _next;
    private long _bytes;
    private bool _wasAlone;

    /// <summary>For the writer.</summary>
    public bool IsEmpty => _next is null && _waiting.IsEmpty && _spanning.Count == 0;

    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>False when too much waits already.</summary>
    public bool TryAdd(AcceptItem item)
    {
        var held = Interlocked.Add(ref _bytes, item.Bytes);
        if (held > MostBytes && held != item.Bytes)
        {
            Interlocked.Add(ref _bytes, -item.Bytes);
            return false;
        }

        _waiting.Enqueue(item);
        return true;
    }

    /// <summary>Takes a part that is a transaction of its own, every other time that there is such a part.</summary>
    public bool TryTakeAlone(List<AcceptItem> accepts)
    {
        if (_wasAlone || !_spanning.TryPeek(out var first) || !first.NextIsAlone)
        {
            return false;
        }

        accepts.Add(first);
        return _wasAlone = true;
    }

    /// <summary>Takes as many as one transaction writes.</summary>
    public void Take(List<AcceptItem> accepts)
    {
        _wasAlone = false;
        var (events, rows) = (0, 0L);
        if (_spanning.TryPeek(out var first) && !first.NextIsAlone)
        {
            accepts.Add(first);
            rows = AcceptItem.PartRows;
        }

        while (events < EventsACommit && (_next is not null || _waiting.TryDequeue(out _next)))
        {
            var next = _next;
            if (next.Rows > AcceptItem.PartRows || IsSecondOfASpanning(next))
            {
                _spanning.Enqueue(next);
            }
            else if (rows + next.Rows <= RowsACommit)
            {
                accepts.Add(next);
                (events, rows) = (events + Math.Max(1, next.Events.Count), rows + next.Rows);
            }
            else
            {
                return;
            }

            _next = null;
        }
    }

    /// <summary>Lets the requests of a committed transaction go on whose last part it was.</summary>
    public void Answer(List<AcceptItem> accepts)
    {
        foreach (var item in accepts)
        {
            item.Commit();
        }

        Send(accepts);
    }

    /// <summary>Lets the requests go on of which no more can be kept.</summary>
    public void Refuse(List<AcceptItem> accepts, Exception refusal)
    {
        foreach (var item in accepts)
        {
            item.Refuse(refusal);
        }

        Send(accepts);
    }

    /// <summary>As <see cref="Refuse"/>, with all requests that are kept in parts.</summary>
    public void RefuseAll(List<AcceptItem> accepts, Exception refusal) => Refuse([.. accepts.Union(_spanning)], refusal);

    private void Send(List<AcceptItem> accepts)
    {
        // A request that is kept in parts is answered with its last part.
        var answered = _spanning.Count == 0 ? accepts : accepts.FindAll(static item => item.IsAnswered);
        foreach (var item in CollectionsMarshal.AsSpan(answered))
        {
            Interlocked.Add(ref _bytes, -item.Bytes);
        }

        while (_spanning.TryPeek(out var first) && first.IsAnswered)
        {
            _spanning.Dequeue();
        }

        Answers.Send(answered);
    }

    private bool IsSecondOfASpanning(AcceptItem item) =>
        _spanning.Count > 0 && item.Claim is { } claim && _spanning.Any(first => first.Claim is { } taken && (taken.Route, taken.Key) == (claim.Route, claim.Key));
}
