using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Tells how each resource is, and waits until one is as wanted.</summary>
public sealed class ResourceNotificationService
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, ResourceEvent> _latest = new(StringComparer.OrdinalIgnoreCase);
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal ResourceNotificationService()
    {
    }

    /// <summary>Waits until the resource runs and is healthy; throws <see cref="DistributedApplicationException"/> if it ended or could not start.</summary>
    public async Task<ResourceEvent> WaitForResourceHealthyAsync(string resourceName, CancellationToken cancellationToken = default)
    {
        var latest = await WaitForResourceAsync(
            resourceName,
            state => state.Snapshot.HealthStatus == HealthStatus.Healthy || state.Snapshot.HasEnded,
            cancellationToken);

        return latest.Snapshot.HealthStatus == HealthStatus.Healthy
            ? latest
            : throw new DistributedApplicationException(
                $"The resource '{resourceName}' did not become healthy: its state is {latest.Snapshot.State?.Text}"
                + (latest.Snapshot.ExitCode is { } code ? $", exit code {code}." : "."));
    }

    /// <summary>Waits until the resource is in the state, or in <see cref="KnownResourceStates.Running"/> if none is given.</summary>
    public Task WaitForResourceAsync(string resourceName, string? targetState = null, CancellationToken cancellationToken = default)
    {
        var wanted = targetState ?? KnownResourceStates.Running;
        return WaitForResourceAsync(
            resourceName,
            state => string.Equals(state.Snapshot.State?.Text, wanted, StringComparison.OrdinalIgnoreCase),
            cancellationToken);
    }

    /// <summary>Waits until the latest state of the resource is as wanted, and gives that.</summary>
    public async Task<ResourceEvent> WaitForResourceAsync(
        string resourceName, Func<ResourceEvent, bool> predicate, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            Task changed;
            ResourceEvent? latest;
            lock (_lock)
            {
                changed = _changed.Task;
                latest = _latest.GetValueOrDefault(resourceName);
            }

            if (latest is not null && predicate(latest))
            {
                return latest;
            }

            await changed.WaitAsync(cancellationToken);
        }
    }

    internal CustomResourceSnapshot? Find(IResource resource)
    {
        lock (_lock)
        {
            return _latest.GetValueOrDefault(resource.Name)?.Snapshot;
        }
    }

    internal void Publish(IResource resource, string resourceId, CustomResourceSnapshot snapshot)
    {
        TaskCompletionSource changed;
        lock (_lock)
        {
            _latest[resource.Name] = new ResourceEvent(resource, resourceId, snapshot);
            changed = _changed;
            _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        changed.SetResult();
    }
}
