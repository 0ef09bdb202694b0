using System.ComponentModel;
using k8s.Models;
using Tests.Middleware;
using Tests.Supply;
using Tests.Words;

namespace Tests.Deployment.Cluster;

/// <summary>The objects of <c>deploy/kubernetes</c>, without a cluster.</summary>
public sealed class ApplyingToACluster
{
    private const string StatefulSet = "deploy/kubernetes/base/stateful-set.yaml";
    private const string Service = "deploy/kubernetes/base/service.yaml";
    private const string Policy = "deploy/kubernetes/base/network-policy.yaml";
    private const string Settings = "deploy/kubernetes/base/middleware.env";
    private const string Deployment = "deploy/kubernetes/overlays/postgres/deployment.yaml";
    private const string Scaler = "deploy/kubernetes/overlays/postgres/horizontal-pod-autoscaler.yaml";
    private const string Console = "deploy/kubernetes/base/console-deployment.yaml";
    private const string ConsoleService = "deploy/kubernetes/base/console-service.yaml";
    private const string ConsolePolicy = "deploy/kubernetes/base/console-network-policy.yaml";
    private const string Receiver = "deploy/kubernetes/components/external-endpoint/deployment.yaml";
    private const string Monitor = "deploy/kubernetes/components/prometheus-operator/service-monitor.yaml";

    public static TheoryData<string> Folders => [.. Installation.All];

    public static TheoryData<string> Manifests => [.. Prose.Files("*.yaml", Installation.Folder)
        .Where(static file => Path.GetFileName(file) is not ("kustomization.yaml" or "prometheus-adapter.yaml")).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Manifests))]
    public void Each_file_is_an_object_of_its_kind_and_nothing_else(string file) => Assert.NotNull(TypedObjects.Read(YamlText.Parse(new DeployedFiles().Read(file))));

    [Theory]
    [MemberData(nameof(Folders))]
    public void Objects_that_are_applied_together_keep_the_rules(string folder) => Prose.AssertNone(Faults(folder, new()));

    [Theory]
    [InlineData("base", StatefulSet, "/health/ready", "/health/raedy", "middleware: /health/raedy is no probe")]
    [InlineData("base", StatefulSet, "path: /alive", "path: /health/ready", "middleware: its liveness probe asks for readiness")]
    [InlineData("base", StatefulSet, "port: http\n", "port: htpp\n", "middleware: its readiness probe asks at no port htpp")]
    [InlineData("base", StatefulSet, "containerPort: 8080", "containerPort: 8081", "middleware: its program does not listen on 8081")]
    [InlineData("base", StatefulSet, "readOnlyRootFilesystem: true", "readOnlyRootFilesystem: false", "middleware: its container may do more than it needs")]
    [InlineData("base", StatefulSet, "runAsUser: 1654", "runAsUser: 0", "middleware: it may do more than it needs")]
    [InlineData("base", StatefulSet, "terminationGracePeriodSeconds: 75", "terminationGracePeriodSeconds: 30", "middleware: it is killed before both phases of its stop have ended")]
    [InlineData("base", StatefulSet, "- name: data\n              mountPath", "- name: date\n              mountPath", "middleware: there is no volume date")]
    [InlineData("base", Settings, "METRICS_PORT=", "METRIC_PORT=", "middleware: METRIC_PORT is no setting")]
    [InlineData("base", Settings, "METRICS_PORT=9464", "METRICS_PORT=9465", "middleware: its program does not listen on 9464")]
    [InlineData("base", Settings, "/run/secrets/aspire-integration/admin-key", "/run/secrets/admin-key", "middleware: /run/secrets/admin-key is on no volume")]
    [InlineData("base", Settings, "SHUTDOWN_TIMEOUT=30s", "SHUTDOWN_TIMEOUT=40s", "middleware: it is killed before both phases of its stop have ended")]
    [InlineData("base", Service, "targetPort: metrics", "targetPort: metric", "middleware: its pods have no port metric")]
    [InlineData("base", Service, "component: middleware", "component: middlewares", "middleware: the service finds 0 kinds of pods")]
    [InlineData("base", Policy, "port: http\n", "port: web\n", "middleware: its pods have no port web")]
    [InlineData("base", Policy, "port: http\n", "port: metrics\n", "middleware: everybody may read the metrics")]
    [InlineData("overlays/postgres", Deployment, "serviceAccountName: middleware", "serviceAccountName: middlewares", "middleware: there is no service account middlewares")]
    [InlineData("overlays/postgres", Scaler, "aspire_integration_queue_depth\n        target", "queue_depth\n        target", "middleware: prometheus-adapter has no rule for queue_depth")]
    [InlineData("overlays/postgres", Scaler, "maxReplicas: 16", "maxReplicas: 65", "middleware: it has too few replicas, or too many")]
    [InlineData("overlays/postgres", Scaler, "kind: Deployment", "kind: StatefulSet", "middleware: it scales nothing")]
    [InlineData("base", Console, "replicas: 1", "replicas: 2", "console: there may be two at once")]
    [InlineData("base", Console, "type: Recreate", "type: RollingUpdate", "console: there may be two at once")]
    [InlineData("base", Console, "claimName: console", "claimName: data", "console: there is no claim data")]
    [InlineData("base", Console, "mountPath: /home/app", "mountPath: /app", "console: the keys of its cookies are on no volume")]
    [InlineData("base", Console, "name: MIDDLEWARE_URL", "name: MIDDLEWARE", "console: MIDDLEWARE is no setting")]
    [InlineData("base", Console, "name: MIDDLEWARE_URL", "name: CONSOLE_KEY", "console: everybody would act by CONSOLE_KEY")]
    [InlineData("base", Console, "containerPort: 8082", "containerPort: 8080", "console: its program does not listen on 8080")]
    [InlineData("base", ConsoleService, "component: console", "component: consoles", "console: the service finds 0 kinds of pods")]
    [InlineData("base", ConsolePolicy, "port: http\n", "port: web\n", "console: its pods have no port web")]
    [InlineData("overlays/trial", Receiver, "ALERTS_KEY_FILE", "ALERT_KEY_FILE", "external-endpoint: ALERT_KEY_FILE is no setting")]
    [InlineData("components/prometheus-operator", Monitor, "port: metrics", "port: metric", "middleware: there are no metrics at metric/metrics")]
    public void A_fault_is_found(string folder, string file, string text, string other, string fault) =>
        Assert.Contains(fault, Faults(folder, new((file, text, other))));

    [Theory]
    [InlineData(StatefulSet, "readinessProbe", "readynessProbe")]
    [InlineData(StatefulSet, "periodSeconds: 10", "periodSeconds: 10s")]
    [InlineData(StatefulSet, "kind: StatefulSet", "kind: StateFulSet")]
    [InlineData(Scaler, "averageValue: \"500\"", "averageValues: \"500\"")]
    [InlineData(Monitor, "interval: 15s", "intervall: 15s")]
    public void A_member_or_value_that_no_object_of_the_kind_has_is_found(string file, string text, string other) =>
        Assert.ThrowsAny<Exception>(() => TypedObjects.Read(YamlText.Parse(new DeployedFiles((file, text, other)).Read(file))));

    [Fact]
    public async Task Every_path_of_a_probe_is_one_that_the_service_answers()
    {
        await using var service = MiddlewareService.InMemory();
        foreach (var path in PodRules.Probes)
        {
            await service.Http.GetAsync(path, Waiting.Cancellation).HasStatus(HttpStatusCode.OK);
        }
    }

    [Theory]
    [MemberData(nameof(Folders))]
    public async Task Kustomize_makes_the_same_of_it(string folder)
    {
        var made = Installation.Rendered(await KustomizeAsync(Path.Combine(Prose.Root, Installation.Folder, folder)));

        Prose.AssertNone(Faults(made, new()));
        Assert.Equal(Installation.Read(folder, new()).Names, made.Names);
        Assert.Equal(Sorted(Installation.Read(folder, new())), Sorted(made));
        Assert.All(made.Pods.SelectMany(static pod => pod.Template.Spec.Containers), static container => Assert.EndsWith(":" + DeployedFiles.Version, container.Image, StringComparison.Ordinal));
        var map = Assert.Single(made.Objects.OfType<V1ConfigMap>());
        Assert.All(
            made.Pods.SelectMany(static pod => pod.Template.Spec.Containers).Where(static container => container.EnvFrom is not null),
            container => Assert.Equal(map.Metadata.Name, Assert.Single(container.EnvFrom).ConfigMapRef.Name));
    }

    [Fact]
    public async Task A_cluster_with_the_Prometheus_operator_adds_its_component()
    {
        using var folder = new TemporaryDirectory();
        var there = Path.GetRelativePath(folder.Path, Path.Combine(Prose.Root, Installation.Folder));
        await File.WriteAllTextAsync(
            Path.Combine(folder.Path, "kustomization.yaml"), $"resources: [{there}/overlays/postgres]\ncomponents: [{there}/components/prometheus-operator]\n", Waiting.Cancellation);

        var made = Installation.Rendered(await KustomizeAsync(folder.Path));

        Assert.Single(made.Objects.OfType<ServiceMonitor>());
        Prose.AssertNone(Faults(made, new()));
    }

    /// <summary>The faults of a folder; a component is added to the base.</summary>
    private static List<string> Faults(string folder, DeployedFiles files)
    {
        var read = Installation.Read(folder, files);
        if (folder.StartsWith("components/", StringComparison.Ordinal))
        {
            var whole = Installation.Read("base", files);
            read = whole with { Objects = [.. whole.Objects, .. read.Objects] };
        }

        return Faults(read, files);
    }

    private static IEnumerable<string> Sorted(Installation installation) =>
        installation.Settings.Select(static setting => $"{setting.Key}={setting.Value}").Order(StringComparer.Ordinal);

    private static List<string> Faults(Installation made, DeployedFiles files) => [.. PodRules.Faults(made, files), .. ReferenceRules.Faults(made, files)];

    private static async Task<string> KustomizeAsync(string folder)
    {
        try
        {
            return await Command.RunAsync(folder, "kubectl", ["kustomize", "."]).Succeeds();
        }
        catch (Win32Exception exception)
        {
            Assert.Skip($"kubectl is not there: {exception.Message}");
            throw;
        }
    }
}
