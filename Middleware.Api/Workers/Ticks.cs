namespace Middleware.Workers;

/// <summary>The ticks of a loop that ends quietly at the stop.</summary>
internal static class Ticks
{
    /// <summary>False when the loop is to end.</summary>
    public static async ValueTask<bool> NextAsync(PeriodicTimer timer, CancellationToken cancellationToken)
    {
        try
        {
            return await timer.WaitForNextTickAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
