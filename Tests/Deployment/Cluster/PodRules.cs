using k8s.Models;
using Middleware;
using ServiceDefaults.Settings;

namespace Tests.Deployment.Cluster;

/// <summary>The rules for the pods of an installation; each fault is a sentence.</summary>
internal static class PodRules
{
    /// <summary>The paths that both services answer to probes.</summary>
    public static readonly string[] Probes = ["/alive", "/health/live", "/health", "/health/ready"];

    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(5);

    public static IEnumerable<string> Faults(Installation installation, DeployedFiles files) =>
    [
        .. from pod in installation.Pods
           from fault in OfPod(pod.Template.Spec, pod.Claims, installation.Settings).Concat(pod.Template.Spec.Containers.SelectMany(container => OfContainer(container, installation.Settings, files)))
           select $"{pod.Name}: {fault}",
    ];

    private static IEnumerable<string> OfPod(V1PodSpec pod, IEnumerable<string> claims, IReadOnlyDictionary<string, string> settings)
    {
        if (pod.SecurityContext is not { RunAsNonRoot: true, RunAsUser: 1654, RunAsGroup: 1654, FsGroup: 1654, SeccompProfile.Type: "RuntimeDefault" } || pod.AutomountServiceAccountToken != false)
        {
            yield return "it may do more than it needs";
        }

        if (pod.EnableServiceLinks != false)
        {
            yield return "the names of services become variables";
        }

        var volumes = (pod.Volumes ?? []).Select(static volume => volume.Name).Concat(claims).ToHashSet();
        foreach (var mount in pod.Containers.SelectMany(static container => container.VolumeMounts ?? []).Where(mount => !volumes.Contains(mount.Name)))
        {
            yield return $"there is no volume {mount.Name}";
        }

        foreach (var container in pod.Containers.Where(static container => container.EnvFrom is not null))
        {
            var stop = TimeSpan.FromSeconds(container.Lifecycle?.PreStop?.Sleep?.Seconds ?? 0) + (2 * DurationOf(settings.GetValueOrDefault("SHUTDOWN_TIMEOUT", Setting.ShutdownTimeout.Default))) + Margin;
            if (TimeSpan.FromSeconds(pod.TerminationGracePeriodSeconds ?? 30) < stop)
            {
                yield return "it is killed before both phases of its stop have ended";
            }
        }
    }

    private static IEnumerable<string> OfContainer(V1Container container, IReadOnlyDictionary<string, string> settings, DeployedFiles files)
    {
        if (container.SecurityContext is not { AllowPrivilegeEscalation: false, ReadOnlyRootFilesystem: true, Capabilities.Drop: ["ALL"] })
        {
            yield return "its container may do more than it needs";
        }

        if (container.Resources is not { Requests: { } requests, Limits: { } limits } || !requests.ContainsKey("cpu") || !requests.ContainsKey("memory") || !limits.ContainsKey("memory"))
        {
            yield return "it has no bounds";
        }

        foreach (var fault in OfProbes(container).Concat(OfPorts(container, settings, files)))
        {
            yield return fault;
        }

        var variables = (container.Env ?? []).ToDictionary(static variable => variable.Name, static variable => variable.Value);
        foreach (var (name, value) in container.EnvFrom is null ? variables : variables.Concat(settings))
        {
            if (!SettingNames.Exists(name))
            {
                yield return $"{name} is no setting";
            }

            if (name.EndsWith("_FILE", StringComparison.Ordinal) && !container.VolumeMounts.Any(mount => value.StartsWith(mount.MountPath + "/", StringComparison.Ordinal)))
            {
                yield return $"{value} is on no volume";
            }
        }
    }

    private static IEnumerable<string> OfProbes(V1Container container)
    {
        var ports = (container.Ports ?? []).SelectMany(static port => new[] { port.Name, $"{port.ContainerPort}" }).ToHashSet();
        foreach (var (name, probe) in new[] { ("startup", container.StartupProbe), ("liveness", container.LivenessProbe), ("readiness", container.ReadinessProbe) })
        {
            if (probe is null)
            {
                if (name != "startup")
                {
                    yield return $"it has no {name} probe";
                }
            }
            else if (!Probes.Contains(probe.HttpGet?.Path))
            {
                yield return $"{probe.HttpGet?.Path} is no probe";
            }
            else if (!ports.Contains(probe.HttpGet!.Port.Value))
            {
                yield return $"its {name} probe asks at no port {probe.HttpGet.Port.Value}";
            }
        }

        // What other things the service waits for ends no process.
        if (container.LivenessProbe?.HttpGet?.Path is "/health" or "/health/ready")
        {
            yield return "its liveness probe asks for readiness";
        }
    }

    private static IEnumerable<string> OfPorts(V1Container container, IReadOnlyDictionary<string, string> settings, DeployedFiles files)
    {
        foreach (var port in container.Ports ?? [])
        {
            var expected = port.Name == "metrics" ? settings.GetValueOrDefault("METRICS_PORT") : $"{files.PortOf(container.Image)}";
            if ($"{port.ContainerPort}" != expected)
            {
                yield return $"its program does not listen on {port.ContainerPort}";
            }
        }
    }

    /// <summary>The duration that a text is; none for another text.</summary>
    public static TimeSpan DurationOf(string text) => Duration.TryParse(text, out var value) ? value : TimeSpan.Zero;
}
