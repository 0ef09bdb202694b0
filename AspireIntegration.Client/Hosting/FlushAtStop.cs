using AspireIntegration.Client.Publishing;
using Microsoft.Extensions.Hosting;

namespace AspireIntegration.Client.Hosting;

/// <summary>Sends what a buffer holds when the host stops. It comes after all services that may still publish.</summary>
internal sealed class FlushAtStop(EventBuffer buffer) : IHostedLifecycleService
{
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => buffer.StopAsync(cancellationToken);
}
