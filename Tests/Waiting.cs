using System.Collections;

namespace Tests;

/// <summary>Waits for states, however fast the machine is. The bound only ends a test that would hang; nothing is measured by it.</summary>
internal static class Waiting
{
    /// <summary>The time limit of a whole test in ms.</summary>
    public const int TestLimit = 120_000;

    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);

    public static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static Task InTime(this Task task) => task.WaitAsync(Bound, TimeProvider.System, Cancellation);

    public static Task<T> InTime<T>(this Task<T> task) => task.WaitAsync(Bound, TimeProvider.System, Cancellation);

    public static Task InTime(this ValueTask task) => task.AsTask().InTime();

    public static Task<T> InTime<T>(this ValueTask<T> task) => task.AsTask().InTime();

    public static Task Until(Func<bool> condition) => Until(() => Task.FromResult(condition()));

    /// <summary>Waits as long as the test's own limit allows: for the work of another process, or of a whole store.</summary>
    public static async Task WithinTheTest(Func<bool> condition)
    {
        while (true)
        {
            var start = TimeProvider.System.GetTimestamp();
            if (condition())
            {
                return;
            }

            await PauseAsync(start);
        }
    }

    public static Task Until(Func<Task<bool>> condition) => SeeAsync(condition, static isSo => isSo, "the condition is true");

    /// <summary>Looks until it is as wanted and gives what was seen then.</summary>
    public static async Task<T> SeeAsync<T>(Func<Task<T>> look, Func<T, bool> wanted, string expectation)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var looked = TimeProvider.System.GetTimestamp();
            var seen = await look();
            if (wanted(seen))
            {
                return seen;
            }

            Assert.False(TimeProvider.System.GetElapsedTime(start) > Bound, $"Not within {Bound.TotalSeconds} s: {expectation}. Last seen: {Text(seen)}");
            await PauseAsync(looked);
        }
    }

    /// <summary>Leaves the machine to what is waited for as long as the look took that began at <paramref name="start"/>.</summary>
    private static Task PauseAsync(long start) =>
        Task.Delay(TimeSpan.FromMilliseconds(Math.Clamp(TimeProvider.System.GetElapsedTime(start).TotalMilliseconds, 1, 100)), TimeProvider.System, Cancellation);

    private static string Text(object? seen) => seen is IEnumerable items and not string ? string.Join(", ", items.Cast<object?>()) : $"{seen}";
}
