namespace Bench.Serve;

/// <summary>A child process of the benchmark ends with its parent: the parent holds the other end of its standard input.</summary>
internal static class Parent
{
    public static async Task GoneAsync(CancellationToken cancellationToken)
    {
        using var input = Console.OpenStandardInput();
        var nothing = new byte[16];
        try
        {
            while (await input.ReadAsync(nothing, cancellationToken) > 0)
            {
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The other way to be told to stop.
        }
    }
}
