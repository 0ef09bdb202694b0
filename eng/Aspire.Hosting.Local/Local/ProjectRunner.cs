using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting.Local;

/// <summary>Takes one project through its life: wait, start, run, end.</summary>
internal sealed class ProjectRunner(
    ResourceNotificationService notifications, ResourceOutput output, HealthMonitor health, TimeProvider clock)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Runs the project until it ends by itself or is told to stop.</summary>
    public async Task RunAsync(ProjectResource project, CancellationToken stopping)
    {
        var id = $"{project.Name}-{Guid.CreateVersion7(clock.GetUtcNow()):n}";
        try
        {
            await WaitForDependenciesAsync(project, id, stopping);
            Publish(project, id, new() { State = KnownResourceStates.Starting });
            using var process = Start(project, await ProjectEnvironment.BuildAsync(project, id, stopping));
            using var stop = stopping.UnsafeRegister(_ => Publish(project, id, new() { State = KnownResourceStates.Stopping }), null);
            await AttendAsync(project, id, process, stopping);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            Publish(project, id, new() { State = KnownResourceStates.Finished });
        }
        catch (Exception fault)
        {
            // One resource's fault is shown and waited for as its own; the others go on.
            output.Error(project.Name, $"not started: {(fault is DistributedApplicationException ? fault.Message : fault)}");
            Publish(project, id, new() { State = KnownResourceStates.FailedToStart });
        }
    }

    private async Task WaitForDependenciesAsync(ProjectResource project, string id, CancellationToken stopping)
    {
        foreach (var wait in project.Annotations.OfType<WaitAnnotation>().Where(wait => wait.Dependency is ProjectResource))
        {
            Publish(project, id, new() { State = KnownResourceStates.Waiting });
            await notifications.WaitForResourceHealthyAsync(wait.Dependency.Name, stopping);
        }
    }

    private ChildProcess Start(ProjectResource project, IReadOnlyDictionary<string, string> environment)
    {
        foreach (var endpoint in project.Annotations.OfType<EndpointAnnotation>())
        {
            if (!Ports.IsFree(endpoint.AllocatedPort!.Value))
            {
                throw new DistributedApplicationException(
                    $"port {endpoint.AllocatedPort} of '{project.Name}' is taken by another program; stop that program, or give the endpoint another port.");
            }
        }

        var metadata = project.Annotations.OfType<IProjectMetadata>().Last();
        return File.Exists(metadata.AssemblyPath)
            ? ChildProcess.Start(
                [DotnetHost.Path, metadata.AssemblyPath],
                Path.GetDirectoryName(metadata.ProjectPath)!,
                environment,
                line => output.Line(project.Name, line),
                clock)
            : throw new DistributedApplicationException($"{metadata.AssemblyPath} is not there; build the AppHost.");
    }

    private async Task AttendAsync(ProjectResource project, string id, ChildProcess process, CancellationToken stopping)
    {
        var check = project.Annotations.OfType<HealthCheckAnnotation>().LastOrDefault();
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        Publish(project, id, new()
        {
            State = KnownResourceStates.Running,
            HealthStatus = check is null ? HealthStatus.Healthy : null,
        });
        var watching = check is null
            ? Task.CompletedTask
            : health.RunAsync(check, Reporter(project, id, clock.GetTimestamp()), ended.Token);

        var exit = process.WaitAsync();
        await Task.WhenAny(exit, Task.Delay(Timeout.InfiniteTimeSpan, clock, ended.Token));
        if (!exit.IsCompleted)
        {
            await process.StopAsync();
        }

        var code = await exit;
        await ended.CancelAsync();
        await watching;
        Publish(project, id, new() { State = code == 0 ? KnownResourceStates.Finished : KnownResourceStates.Exited, ExitCode = code });
        if (!stopping.IsCancellationRequested)
        {
            output.Error(project.Name, $"ended by itself with exit code {code}");
        }
    }

    private Action<string?> Reporter(ProjectResource project, string id, long started)
    {
        HealthStatus? known = null;
        var warned = false;
        return fault =>
        {
            var status = fault is null ? HealthStatus.Healthy : HealthStatus.Unhealthy;
            if (status != known)
            {
                Publish(project, id, new() { State = KnownResourceStates.Running, HealthStatus = status });
            }

            if (status == HealthStatus.Healthy && known != status)
            {
                warned = true;
                output.Line(project.Name, "is healthy");
            }
            else if (known == HealthStatus.Healthy && status != known)
            {
                output.Error(project.Name, $"is no longer healthy: {fault}");
            }
            else if (fault is not null && !warned && clock.GetElapsedTime(started) > Patience)
            {
                warned = true;
                output.Error(project.Name, $"has not become healthy within {Patience.TotalSeconds} s: {fault}");
            }

            known = status;
        };
    }

    private void Publish(ProjectResource project, string id, CustomResourceSnapshot snapshot) =>
        notifications.Publish(project, id, snapshot);
}
