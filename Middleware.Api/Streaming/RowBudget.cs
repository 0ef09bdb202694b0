namespace Middleware.Streaming;

/// <summary>The rows that may be read in a second. What is not taken is kept for a quarter of a second.</summary>
internal sealed class RowBudget(int perSecond, TimeProvider clock)
{
    private const int PartsOfSecond = 4;

    private readonly Lock _gate = new();
    private double _left = perSecond / PartsOfSecond;
    private long _at = clock.GetTimestamp();

    /// <summary>Takes so many rows; none when there are fewer.</summary>
    public bool TryTake(int rows)
    {
        lock (_gate)
        {
            var now = clock.GetTimestamp();
            _left = Math.Min(perSecond / PartsOfSecond, _left + (clock.GetElapsedTime(_at, now).TotalSeconds * perSecond));
            _at = now;
            if (_left < rows)
            {
                return false;
            }

            _left -= rows;
            return true;
        }
    }

    /// <summary>Takes so many rows more, whatever there is: the next one waits for them. Fewer than none are given back.</summary>
    public void Charge(int rows)
    {
        lock (_gate)
        {
            _left -= rows;
        }
    }
}
