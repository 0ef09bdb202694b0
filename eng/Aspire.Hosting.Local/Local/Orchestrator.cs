using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Local;

/// <summary>Runs all projects of the application, each in its own flow, and stops them together.</summary>
internal sealed class Orchestrator(
    IResourceCollection resources,
    ResourceNotificationService notifications,
    ProjectRunner runner,
    ResourceOutput output,
    PortPolicy ports,
    TimeProvider clock) : IHostedService, IDisposable
{
    private static readonly TimeSpan LongestWaitForTable = TimeSpan.FromSeconds(30);

    private readonly CancellationTokenSource _stopping = new();
    private Task _runs = Task.CompletedTask;

    private IEnumerable<ProjectResource> Projects => resources.OfType<ProjectResource>();

    public Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var endpoint in Projects.SelectMany(project => project.Annotations.OfType<EndpointAnnotation>()))
        {
            endpoint.AllocatedPort = endpoint.Port is { } port && !(ports.Random && endpoint.IsProxied) ? port : Ports.TakeFree();
        }

        _runs = Task.WhenAll([.. Projects.Select(project => runner.RunAsync(project, _stopping.Token)), ShowTableAsync()]);
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await _runs.WaitAsync(cancellationToken);
    }

    public void Dispose() => _stopping.Dispose();

    private async Task ShowTableAsync()
    {
        output.Text("Starting the application without Aspire's packages: no dashboard. Ctrl-C stops it.");
        var settled = Task.WhenAll(Projects.Select(project => notifications.WaitForResourceAsync(
            project.Name, latest => latest.Snapshot.HealthStatus is HealthStatus.Healthy || latest.Snapshot.HasEnded, _stopping.Token)));
        await Task.WhenAny(settled, Task.Delay(LongestWaitForTable, clock, _stopping.Token));
        if (!_stopping.IsCancellationRequested)
        {
            output.Text(StartTable.Render(Projects.Select(project => ((IResource)project, notifications.Find(project)))));
        }
    }
}
