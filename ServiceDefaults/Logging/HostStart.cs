using Microsoft.Extensions.Logging;

namespace ServiceDefaults.Logging;

/// <summary>
/// Leaves out the host's own error line while it starts: its failure is thrown as well, and <see cref="ServiceHost"/> writes it in a line.
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
