using Middleware.Delivering;
using Middleware.Events;

namespace Tests.Middleware.Delivering;

/// <summary>A run of a window in steps, between which anything may happen: a refill asks for a page, reads it and loads it.</summary>
internal abstract class WindowRun(int streams = 1)
{
    private int _held;
    private (SequenceMarks After, PageLimit Limit)? _asked;
    private List<Delivery>? _page;

    protected LaneWindow Window { get; } = new(Priority.Low, new LaneBudget(), streams);

    /// <summary>The sequences of what was taken, in that order.</summary>
    protected List<long> Taken { get; } = [];

    private bool IsRefilling { get; set; }

    /// <summary>Begins a refill if the window is behind.</summary>
    public void Refill()
    {
        if (Window.TryStartRefill())
        {
            Assert.False(IsRefilling);
            IsRefilling = true;
        }
    }

    /// <summary>The next step of a refill, if one is under way.</summary>
    public void Step()
    {
        if (_page is not null)
        {
            Load();
        }
        else if (_asked is not null)
        {
            Read();
        }
        else if (IsRefilling)
        {
            Ask();
        }
    }

    public void ReadOn()
    {
        do
        {
            Step();
        }
        while (_asked is not null);
    }

    public void Ask()
    {
        var (after, limit) = Window.NextRead();
        Assert.True(limit is null || limit.Value.Count <= LaneWindow.Size - _held);
        IsRefilling = limit is not null;
        _asked = limit is { } given ? (after, given) : null;
    }

    /// <summary>Reads as the store does.</summary>
    public void Read()
    {
        var (after, limit) = _asked!.Value;
        _page = [.. Committed.Where(row => row.Sequence > after.Lowest && after.IsPassedBy(row.Sequence)).OrderBy(static row => row.Sequence).Take(limit.Count)];
    }

    public void Load()
    {
        Window.Load(new PendingPage(_page!, IsLast: _page!.Count < _asked!.Value.Limit.Count), []);
        Hold(_page.Count);
        (_asked, _page) = (null, null);
    }

    public void Take(int count)
    {
        for (; count > 0 && Window.TryTake(out var delivery); count--)
        {
            Taken.Add(delivery.Sequence);
            _held--;
            Refill();
        }
    }

    /// <summary>The rows that a read sees now.</summary>
    protected abstract IEnumerable<Delivery> Committed { get; }

    /// <summary>Offers a committed delivery, or one that was read.</summary>
    protected void Offer(Delivery delivery, int? erasures = null) => Hold(Window.Offer(delivery, erasures) ? 1 : 0);

    /// <summary>Lets all that was begun come to its end, and takes what comes.</summary>
    protected void Drain()
    {
        var before = -1;
        while (IsRefilling || Taken.Count > before)
        {
            before = Taken.Count;
            Step();
            Take(int.MaxValue);
        }

        Assert.Equal(0, _held);
    }

    private void Hold(int count)
    {
        _held += count;
        Assert.True(_held <= LaneWindow.Size);
    }
}
