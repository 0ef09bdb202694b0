using System.Runtime.InteropServices;

namespace Puppet;

internal sealed class DeafLifetime : IHostLifetime, IDisposable
{
    private readonly PosixSignalRegistration _deaf = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal => signal.Cancel = true);

    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _deaf.Dispose();
}
