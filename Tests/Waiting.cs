namespace Tests;

/// <summary>Waiting for what must happen. The bound only ends a test that would hang; nothing is measured by it.</summary>
internal static class Waiting
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);

    public static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static Task InTime(this Task task) => task.WaitAsync(Bound, TimeProvider.System, Cancellation);

    public static Task<T> InTime<T>(this Task<T> task) => task.WaitAsync(Bound, TimeProvider.System, Cancellation);

    public static Task InTime(this ValueTask task) => task.AsTask().InTime();

    public static Task<T> InTime<T>(this ValueTask<T> task) => task.AsTask().InTime();

    public static async Task Until(Func<bool> condition)
    {
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        bound.CancelAfter(Bound);
        while (!condition())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, bound.Token);
        }
    }
}
