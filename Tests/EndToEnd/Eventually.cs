using System.Collections;

namespace Tests.EndToEnd;

/// <summary>Waits for what another process will have done, however fast the machine is.</summary>
internal static class Eventually
{
    /// <summary>The time limit of a whole test in ms: longer than all its waits.</summary>
    public const int TestLimit = 120_000;

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);

    public static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Looks until it is as wanted and gives what was seen then; the test fails after 30 s.</summary>
    public static async Task<T> SeeAsync<T>(Func<Task<T>> look, Func<T, bool> wanted, string expectation)
    {
        var start = TimeProvider.System.GetTimestamp();
        using var timer = new PeriodicTimer(Interval, TimeProvider.System);
        while (true)
        {
            var seen = await look();
            if (wanted(seen))
            {
                return seen;
            }

            Assert.False(
                TimeProvider.System.GetElapsedTime(start) > Bound,
                $"Not within {Bound.TotalSeconds} s: {expectation}. Last seen: {Text(seen)}");
            await timer.WaitForNextTickAsync(Cancellation);
        }
    }

    private static string Text(object? seen) =>
        seen is IEnumerable items and not string ? string.Join(", ", items.Cast<object?>()) : $"{seen}";
}
