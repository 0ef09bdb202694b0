using Middleware.Events;

namespace Middleware.Streaming;

/// <summary>One who follows accepted events. It holds a place and at most one page. Used by one request.</summary>
internal sealed class StreamListener(IAcceptedEvents events, StreamQuery query, StreamPlace place, RowBudget ofAll, Action ended, TimeProvider clock) : IDisposable
{
    /// <summary>The rows that one listener reads in a second.</summary>
    public const int RowsOfOne = 2_000;

    /// <summary>The rows of a page.</summary>
    public const int MostRows = 200;

    /// <summary>The longest time without a word to the client.</summary>
    public static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);

    /// <summary>The pause between two looks for events.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    private readonly RowBudget _own = new(RowsOfOne, clock);
    private long _at = clock.GetTimestamp();
    private Action? _ended = ended;

    /// <summary>The text of the place.</summary>
    public string Place => place.ToString();

    /// <summary>The next events; none when nothing came for as long as the client may be left without a word.</summary>
    public async Task<StreamPage> NextAsync(CancellationToken cancellationToken)
    {
        while (clock.GetElapsedTime(_at) < Heartbeat)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (await ReadAsync(cancellationToken) is { Events.Count: > 0 } page)
            {
                _at = clock.GetTimestamp();
                return page;
            }
        }

        _at = clock.GetTimestamp();
        return new StreamPage([], 0);
    }

    public void Dispose() => Interlocked.Exchange(ref _ended, null)?.Invoke();

    /// <summary>Reads a page; waits, and gives null, where there is nothing to read or no budget.</summary>
    private async Task<StreamPage?> ReadAsync(CancellationToken cancellationToken)
    {
        if (events.HasMore(place) && TryTakePage())
        {
            var cost = MostRows;
            try
            {
                var page = await events.ReadAsync(query, place, MostRows, cancellationToken);
                cost = page.Cost;
                return page;
            }
            catch (StoreUnavailableException)
            {
                // The store logs it itself; it is asked again after the pause.
            }
            finally
            {
                _own.Charge(cost - MostRows);
                ofAll.Charge(cost - MostRows);
            }
        }

        await Task.Delay(Pause, clock, cancellationToken);
        return null;
    }

    /// <summary>Takes the rows of a page; what it does not have is given back when it is read.</summary>
    private bool TryTakePage()
    {
        if (!_own.TryTake(MostRows))
        {
            return false;
        }

        if (ofAll.TryTake(MostRows))
        {
            return true;
        }

        _own.Charge(-MostRows);
        return false;
    }
}
