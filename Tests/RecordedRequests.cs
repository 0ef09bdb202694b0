namespace Tests;

/// <summary>A request with one event or a batch, by times of one monotonic clock.</summary>
internal sealed record RecordedRequest(string Endpoint, IReadOnlyList<string> Events, TimeSpan Began)
{
    /// <summary>Just before the answer; null while there is none.</summary>
    public TimeSpan? Ended { get; init; }

    /// <summary>The status of the answer; 0 without one, also when the sender did not wait for it.</summary>
    public int Status { get; init; }

    public bool IsSuccess => Status is >= 200 and < 300;
}

/// <summary>The requests to one endpoint, and the promises that they keep or break.</summary>
internal sealed class RecordedRequests(IEnumerable<RecordedRequest> requests)
{
    private readonly List<RecordedRequest> _requests = [.. requests.OrderBy(static request => request.Began)];

    /// <summary>All of them, in the order in which they began.</summary>
    public IReadOnlyList<RecordedRequest> All => _requests;

    /// <summary>The greatest number of requests that were under way at one instant.</summary>
    public int MostAtOnce => AtOnce.Select(static instant => instant.Count).DefaultIfEmpty().Max();

    /// <summary>Each instant at which requests began or ended, with the number that was under way from then on.</summary>
    public IEnumerable<(TimeSpan At, int Count)> AtOnce
    {
        get
        {
            var changes = _requests.Select(static request => (At: request.Began, Change: 1))
                .Concat(_requests.Where(static request => request.Ended is not null).Select(static request => (At: request.Ended!.Value, Change: -1)));
            var count = 0;
            foreach (var instant in changes.GroupBy(static change => change.At, static change => change.Change).OrderBy(static instant => instant.Key))
            {
                count += instant.Sum();
                yield return (instant.Key, count);
            }
        }
    }

    /// <summary>The events that were answered with success more than once, each with the number of answers beyond the first.</summary>
    public IReadOnlyDictionary<string, int> Duplicates => _requests.Where(static request => request.IsSuccess).SelectMany(static request => request.Events)
        .CountBy(static id => id).Where(static times => times.Value > 1).ToDictionary(static times => times.Key, static times => times.Value - 1);

    /// <summary>The smallest burst with which a token bucket of this rate lets all of them begin when they did.</summary>
    public double BurstAt(double perSecond) => LevelsAt(perSecond).Select(static level => level.Level).DefaultIfEmpty().Max();

    /// <summary>Each request's begin, with the tokens that a bucket of this rate lacks then.</summary>
    public IEnumerable<(TimeSpan At, double Level)> LevelsAt(double perSecond)
    {
        var (level, last) = (0.0, TimeSpan.Zero);
        foreach (var request in _requests)
        {
            level = Math.Max(0, level - (request.Began - last).TotalSeconds * perSecond) + 1;
            last = request.Began;
            yield return (last, level);
        }
    }

    /// <summary>
    /// The events of one key that began before an earlier one of the key was answered with success for the first time. An event that never was, such as a
    /// dead letter, is passed over. Repeats break no order.
    /// </summary>
    public IEnumerable<string> OutOfOrder(IEnumerable<string> eventsOfKey)
    {
        var done = TimeSpan.Zero;
        foreach (var id in eventsOfKey)
        {
            var own = _requests.Where(request => request.Events.Contains(id)).ToList();
            if (own is [var first, ..] && first.Began < done)
            {
                yield return id;
            }

            done = own.Find(static request => request.IsSuccess) is { Ended: { } ended } && ended > done ? ended : done;
        }
    }
}
