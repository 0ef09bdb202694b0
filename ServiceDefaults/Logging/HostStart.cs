using Microsoft.Extensions.Logging;

namespace ServiceDefaults.Logging;

/// <summary>
/// While the host starts, its own error line is left out: what it says is thrown as well, and <see cref="ServiceHost"/> tells it in a line.
/// </summary>
internal sealed class HostStart
{
    public const string Category = "Microsoft.Extensions.Hosting.Internal.Host";

    private volatile bool _isUnderWay;

    public async Task RunAsync(Func<Task> start)
    {
        _isUnderWay = true;
        try
        {
            await start();
        }
        finally
        {
            _isUnderWay = false;
        }
    }

    public bool Allows(LogLevel level) => level >= LogLevel.Information && !(_isUnderWay && level == LogLevel.Error);
}
