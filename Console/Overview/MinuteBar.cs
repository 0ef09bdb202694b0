using AspireIntegration.Client.Operating;

namespace AspireIntegration.Console.Overview;

/// <summary>A minute of a chart.</summary>
/// <param name="At">Its beginning.</param>
/// <param name="Good">What went well.</param>
/// <param name="Bad">What failed.</param>
public sealed record MinuteBar(DateTimeOffset At, long Good, long Bad)
{
    /// <summary>The minutes of all endpoints.</summary>
    public static IReadOnlyList<MinuteBar> Of(StatsItem stats)
    {
        ArgumentNullException.ThrowIfNull(stats);
        return [.. stats.Minutes.Select(static minute => new MinuteBar(minute.At, minute.Delivered, minute.FailedAttempts))];
    }

    /// <summary>The minutes of an endpoint.</summary>
    public static IReadOnlyList<MinuteBar> Of(StatsItem stats, string endpoint)
    {
        ArgumentNullException.ThrowIfNull(stats);
        var had = stats.Endpoints.FirstOrDefault(item => item.EndpointId == endpoint)?.Minutes.ToDictionary(static minute => minute.At) ?? [];
        return [.. stats.Minutes.Select(minute => had.TryGetValue(minute.At, out var one) ? new MinuteBar(minute.At, one.Delivered, one.FailedAttempts) : new MinuteBar(minute.At, 0, 0))];
    }
}
