using System.Globalization;

namespace Tests.Upgrades;

/// <summary>The promises of an upgrade, judged by its facts alone.</summary>
internal static class UpgradeJudge
{
    // Both phases of a stop keep to their own time; the host has a margin, and the operating system ends the process.
    private const int Phases = 2;
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(10);

    private const int Shown = 5;

    public static UpgradeResult Judge(UpgradeFacts facts)
    {
        var violations = new List<string>();
        var came = facts.Received.SelectMany(static request => request.Events.Select(id => (id, request)))
            .GroupBy(static one => one.id, static one => one.request)
            .ToDictionary(static one => one.Key, static one => one.OrderBy(static request => request.Began).ToList());
        var posted = facts.Posted.Select(static one => one.Id).ToHashSet();

        var lost = posted.Where(id => !came.TryGetValue(id, out var requests) || !requests.Exists(static request => request.IsSuccess)).ToList();
        Note(violations, "lost", lost);
        var repeated = came.Where(static one => one.Value.Count > 1).ToList();
        Note(violations, "repeated though no attempt was under way at a stop", [.. repeated.Where(one => !IsDueToAStop(one.Value, facts)).Select(static one => one.Key)]);
        Note(violations, "delivered though no sender has its id", [.. came.Keys.Where(id => !posted.Contains(id))]);
        Note(violations, "one id for several keys", [.. facts.Posted.CountBy(static one => one.Id).Where(static times => times.Value > 1).Select(static times => times.Key)]);
        Note(violations, facts.IsRolling ? "a sender saw that a request failed" : "a request failed while no stop or start was under way", [.. facts.Failed.Where(one => !IsExpected(one, facts)).Select(Text)]);
        foreach (var one in facts.Replacements)
        {
            if (one.ExitCode != 0)
            {
                violations.Add($"{one.Name} ended with {one.ExitCode}");
            }

            if (one.Exited - one.Terminated > (Phases * facts.ShutdownTimeout) + Margin)
            {
                violations.Add(string.Create(CultureInfo.InvariantCulture, $"{one.Name} took {(one.Exited - one.Terminated).TotalSeconds:0.0} s to stop"));
            }

            Note(violations, $"{one.Name} wrote errors", one.Errors);
        }

        return new UpgradeResult
        {
            Events = facts.Posted.Count,
            Lost = lost.Count,
            Duplicated = repeated.Sum(static one => one.Value.Count - 1),
            Replacements = [.. facts.Replacements.Select((one, place) => FiguresOf(facts, one, place))],
            Violations = violations,
        };
    }

    /// <summary>True when each attempt but the last was under way between a SIGTERM and the end of its process.</summary>
    private static bool IsDueToAStop(List<RecordedRequest> requests, UpgradeFacts facts) =>
        requests[..^1].TrueForAll(request => facts.Replacements.Any(one => one.IsStopping(request.Began, request.Ended)));

    /// <summary>A replica that is gone refuses connections until the proxy sees it. A service without others also breaks connections, or answers 503.</summary>
    private static bool IsExpected(FailedPost failed, UpgradeFacts facts)
    {
        var isMeanwhile = facts.Replacements.Any(one => failed.Began <= one.Ready && failed.Ended >= one.Terminated);
        var isBrokenByStop = facts.ProxyBreaks && failed.Fault == PostFault.Broken && facts.Replacements.Any(one => one.IsStopping(failed.Began, failed.Ended));
        return isMeanwhile && (facts.IsRolling ? isBrokenByStop || failed is { IsHidden: true, Fault: PostFault.Refused } : failed.Fault != PostFault.Other);
    }

    /// <summary>The figures from its SIGTERM to the next one, or to the end of the load.</summary>
    private static ReplacementFigures FiguresOf(UpgradeFacts facts, Replacement one, int place)
    {
        var until = place + 1 < facts.Replacements.Count ? facts.Replacements[place + 1].Terminated : facts.LoadEnded;
        return new ReplacementFigures
        {
            Name = one.Name,
            Stop = one.Exited - one.Terminated,
            Start = one.Ready - one.Exited,
            Accepting = LongestGap(facts.Posted.Select(static posted => posted.Answered)),
            Delivering = LongestGap(facts.Received.Where(static request => request is { IsSuccess: true, Ended: not null }).Select(static request => request.Ended!.Value)),
            Duplicated = Repeats(facts).Count(at => at >= one.Terminated && at <= until),
            Refused = Failures(PostFault.Refused),
            Broken = Failures(PostFault.Broken),
            Unavailable = Failures(PostFault.Unavailable),
            Slowest = facts.Posted.Where(posted => posted.FirstSent <= until && posted.Answered >= one.Terminated).Select(static posted => posted.Answered - posted.FirstSent).DefaultIfEmpty().Max(),
        };

        int Failures(PostFault fault) => facts.Failed.Count(failed => failed.Fault == fault && failed.Ended >= one.Terminated && failed.Ended < until);

        // A gap counts where it ends: the last instant before the SIGTERM is its begin.
        TimeSpan LongestGap(IEnumerable<TimeSpan> instants)
        {
            var (longest, last) = (TimeSpan.Zero, (TimeSpan?)null);
            foreach (var at in instants.Where(at => at <= until).Order())
            {
                longest = at >= one.Terminated && last is { } before && at - before > longest ? at - before : longest;
                last = at;
            }

            return longest;
        }
    }

    /// <summary>The begin of each attempt beyond the first of an event.</summary>
    private static IEnumerable<TimeSpan> Repeats(UpgradeFacts facts) => facts.Received.SelectMany(static request => request.Events.Select(id => (id, request.Began)))
        .GroupBy(static one => one.id, static one => one.Began).SelectMany(static begins => begins.Order().Skip(1));

    private static void Note(List<string> violations, string what, IReadOnlyList<string> found)
    {
        if (found.Count > 0)
        {
            violations.Add($"{what}: {found.Count}, such as {string.Join("; ", found.Take(Shown))}");
        }
    }

    private static string Text(FailedPost failed) => string.Create(
        CultureInfo.InvariantCulture, $"{failed.Fault} at {failed.Began.TotalSeconds:0.000}-{failed.Ended.TotalSeconds:0.000} s ({failed.Detail})");
}
