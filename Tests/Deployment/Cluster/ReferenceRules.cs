using k8s.Models;

namespace Tests.Deployment.Cluster;

/// <summary>The rules for the references between the objects of an installation; each fault is a sentence.</summary>
internal static class ReferenceRules
{
    private const int MostReplicas = 16;

    public static IEnumerable<string> Faults(Installation installation, DeployedFiles files) =>
    [
        .. installation.Pods.Where(static pod => !Finds(pod.Selector.MatchLabels, pod.Template)).Select(static pod => $"{pod.Name}: its selector finds other pods"),
        .. from pod in installation.Pods from fault in OfClaims(pod.Template.Spec, installation) select $"{pod.Name}: {fault}",
        .. installation.Objects.OfType<V1Deployment>().Where(static deployment => deployment.Metadata.Name == "console").SelectMany(OfConsole),
        .. installation.Objects.OfType<V1Service>().SelectMany(service => OfService(service, installation)),
        .. installation.Objects.OfType<V1NetworkPolicy>().SelectMany(policy => OfPolicy(policy, installation)),
        .. installation.Objects.OfType<V1PodDisruptionBudget>().Where(budget => !Found(budget.Spec.Selector.MatchLabels, installation).Any())
            .Select(static budget => $"{budget.Metadata.Name}: the budget is that of no pod"),
        .. installation.Objects.OfType<V2HorizontalPodAutoscaler>().SelectMany(scaler => OfScaler(scaler, installation, files)),
        .. installation.Objects.OfType<ServiceMonitor>().SelectMany(monitor => OfMonitor(monitor, installation)),
        .. installation.Pods.Where(pod => pod.Template.Spec.ServiceAccountName is { } account && !installation.Objects.OfType<V1ServiceAccount>().Any(made => made.Metadata.Name == account))
            .Select(static pod => $"{pod.Name}: there is no service account {pod.Template.Spec.ServiceAccountName}"),
    ];

    private static IEnumerable<string> OfClaims(V1PodSpec pod, Installation installation) =>
        from claim in (pod.Volumes ?? []).Select(static volume => volume.PersistentVolumeClaim?.ClaimName).OfType<string>()
        where !installation.Objects.OfType<V1PersistentVolumeClaim>().Any(made => made.Metadata.Name == claim)
        select $"there is no claim {claim}";

    /// <summary>A page of the console is at the replica that it was opened at, and its volume is that of one pod.</summary>
    private static IEnumerable<string> OfConsole(V1Deployment console)
    {
        if (console.Spec is not { Replicas: 1, Strategy.Type: "Recreate" })
        {
            yield return $"{console.Metadata.Name}: there may be two at once";
        }

        var pod = console.Spec.Template.Spec;
        if (!pod.Containers.SelectMany(static container => container.VolumeMounts).Any(mount => mount.MountPath == "/home/app" && pod.Volumes.Any(volume => volume.Name == mount.Name && volume.PersistentVolumeClaim is not null)))
        {
            yield return $"{console.Metadata.Name}: the keys of its cookies are on no volume";
        }

        if (pod.Containers.SelectMany(static container => container.Env).Any(static variable => variable.Name is "CONSOLE_KEY" or "CONSOLE_KEY_FILE"))
        {
            yield return $"{console.Metadata.Name}: everybody would act by CONSOLE_KEY";
        }
    }

    private static IEnumerable<string> OfService(V1Service service, Installation installation)
    {
        var pods = Found(service.Spec.Selector, installation).ToList();
        if (pods.Count != 1)
        {
            yield return $"{service.Metadata.Name}: the service finds {pods.Count} kinds of pods";
        }

        foreach (var port in service.Spec.Ports.Where(port => !HasPort(pods, port.TargetPort.Value)))
        {
            yield return $"{service.Metadata.Name}: its pods have no port {port.TargetPort.Value}";
        }
    }

    private static IEnumerable<string> OfPolicy(V1NetworkPolicy policy, Installation installation)
    {
        var pods = Found(policy.Spec.PodSelector.MatchLabels, installation).ToList();
        if (pods.Count == 0)
        {
            yield return $"{policy.Metadata.Name}: the policy is that of no pod";
        }

        foreach (var port in policy.Spec.Ingress.SelectMany(static rule => rule.Ports).Where(port => !HasPort(pods, port.Port.Value)))
        {
            yield return $"{policy.Metadata.Name}: its pods have no port {port.Port.Value}";
        }

        if (policy.Spec.Ingress.Any(static rule => rule.FromProperty is null && rule.Ports.Any(static port => port.Port.Value == "metrics")))
        {
            yield return $"{policy.Metadata.Name}: everybody may read the metrics";
        }
    }

    private static IEnumerable<string> OfScaler(V2HorizontalPodAutoscaler scaler, Installation installation, DeployedFiles files)
    {
        var target = installation.Objects.OfType<V1Deployment>().FirstOrDefault(deployment => deployment.Metadata.Name == scaler.Spec.ScaleTargetRef.Name);
        if (target is null || scaler.Spec.ScaleTargetRef is not { Kind: "Deployment", ApiVersion: "apps/v1" })
        {
            yield return $"{scaler.Metadata.Name}: it scales nothing";
        }
        else if (target.Spec.Replicas is not null)
        {
            yield return $"{scaler.Metadata.Name}: each apply undoes its number of replicas";
        }

        if (scaler.Spec is not { MinReplicas: 3, MaxReplicas: <= MostReplicas })
        {
            yield return $"{scaler.Metadata.Name}: it has too few replicas, or too many";
        }

        var rules = YamlText.Parse(files.Read($"{Installation.Folder}/prometheus-adapter.yaml"))["rules"]!["external"]!.AsArray();
        foreach (var metric in scaler.Spec.Metrics.Select(static metric => metric.External?.Metric.Name))
        {
            if (!rules.Any(rule => (string?)rule!["name"]!["as"] == metric))
            {
                yield return $"{scaler.Metadata.Name}: prometheus-adapter has no rule for {metric}";
            }
        }
    }

    private static IEnumerable<string> OfMonitor(ServiceMonitor monitor, Installation installation)
    {
        var services = installation.Objects.OfType<V1Service>().Where(service => Matches(monitor.Spec.Selector.MatchLabels, service.Metadata.Labels)).ToList();
        foreach (var scraped in monitor.Spec.Endpoints.Where(scraped => scraped.Path != "/metrics" || !services.Any(service => service.Spec.Ports.Any(port => port.Name == scraped.Port))))
        {
            yield return $"{monitor.Metadata.Name}: there are no metrics at {scraped.Port}{scraped.Path}";
        }
    }

    private static IEnumerable<V1PodSpec> Found(IDictionary<string, string> labels, Installation installation) =>
        installation.Pods.Where(pod => Finds(labels, pod.Template)).Select(static pod => pod.Template.Spec);

    private static bool Finds(IDictionary<string, string> labels, V1PodTemplateSpec pod) => Matches(labels, pod.Metadata.Labels);

    private static bool Matches(IDictionary<string, string> wanted, IDictionary<string, string> labels) =>
        wanted.Count > 0 && wanted.All(label => labels.TryGetValue(label.Key, out var value) && value == label.Value);

    private static bool HasPort(IEnumerable<V1PodSpec> pods, string port) =>
        pods.All(pod => pod.Containers.SelectMany(static container => container.Ports ?? []).Any(given => given.Name == port || $"{given.ContainerPort}" == port));
}
