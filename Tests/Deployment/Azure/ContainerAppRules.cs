using System.Globalization;
using Tests.Deployment.Cluster;

namespace Tests.Deployment.Azure;

/// <summary>The rules for container apps: they are what the manifest says, and what it has no word for is right. Each fault is a sentence.</summary>
internal static class ContainerAppRules
{
    /// <summary>The services of the manifest with the ports of their images.</summary>
    public static readonly (string Resource, string Image)[] Services = [("middleware", "middleware"), ("external-alerts", "external-endpoint"), ("console", "console")];

    /// <summary>Values of the parameters, among them characters that YAML reads otherwise.</summary>
    public static readonly IReadOnlyDictionary<string, string> Given = new Dictionary<string, string>
    {
        ["admin-key"] = "key: \"quoted\" # and 'quoted'",
        ["master-key"] = "k2 AAAA=\nk1 BBBB=",
        ["events"] = "Host=db;Password='a b\\c'",
    };

    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(5);

    public static IEnumerable<string> Faults(DeployedFiles files) =>
    [
        .. from service in Services
           let app = ContainerApp.Read(service.Resource, files, Given.ToDictionary(static given => given.Key.Replace('-', '_'), static given => given.Value))
           from fault in OfApp(service.Resource, app, files.PortOf(service.Image), PublishedManifest.Read(files))
           select $"{service.Resource}: {fault}",
    ];

    /// <summary>The environment that a container app gives to its program.</summary>
    public static Dictionary<string, string> EnvironmentOf(ContainerApp app) => Assert.Single(app.Properties.Template.Containers).Env.ToDictionary(
        static variable => variable.Name, variable => variable.Value ?? app.Properties.Configuration.Secrets?.FirstOrDefault(secret => secret.Name == variable.SecretRef)?.Value ?? "no such secret");

    private static IEnumerable<string> OfApp(string resource, ContainerApp app, int port, JsonNode manifest)
    {
        var (configuration, template) = (app.Properties.Configuration, app.Properties.Template);
        var container = template.Containers.Single();
        var bindings = manifest["resources"]![resource]!["bindings"]!.AsObject();
        var environment = EnvironmentOf(app);
        var references = new ManifestReferences(manifest, parameter => Given.GetValueOrDefault(parameter) ?? ManifestReferences.DefaultOf(manifest, parameter)!, (owner, binding, property) => AddressOf(manifest, owner, binding, property));
        return
        [
            .. OfEnvironment(environment, references.EnvironmentOf(resource)),
            .. container.Env.Where(static variable => ManifestRules.Secrets.Contains(variable.Name) && variable.Value is not null).Select(static variable => $"{variable.Name} is no secret"),
            .. container.Probes.SelectMany(probe => OfProbe(probe, port)),
            .. container.Probes.Select(static probe => probe.Type).Order().SequenceEqual(["Liveness", "Readiness", "Startup"]) ? [] : (string[])["it has not one probe of each type"],
            .. OfIngress(configuration.Ingress, port, bindings),
            .. OfScale(resource, template, environment),
            .. app.Tags.GetValueOrDefault("azd-service-name") == resource && container.Name == resource ? [] : (string[])["it has another name"],
        ];
    }

    private static IEnumerable<string> OfEnvironment(Dictionary<string, string> given, Dictionary<string, string> wanted) =>
        from name in wanted.Keys.Union(given.Keys)
        where given.GetValueOrDefault(name) != wanted.GetValueOrDefault(name)
        select $"{name} is {given.GetValueOrDefault(name) ?? "not there"}, and {wanted.GetValueOrDefault(name) ?? "not there"} in the manifest";

    /// <summary>The bounds are those of the API.</summary>
    private static IEnumerable<string> OfProbe(ContainerApp.Probe probe, int port)
    {
        if (!PodRules.Probes.Contains(probe.HttpGet.Path) || probe.Type == "Readiness" != (probe.HttpGet.Path == "/health/ready"))
        {
            yield return $"its probe {probe.Type} asks {probe.HttpGet.Path}";
        }

        if (probe.HttpGet.Port != port)
        {
            yield return $"its program does not listen on {probe.HttpGet.Port}";
        }

        if (probe is not { PeriodSeconds: >= 1 and <= 240, TimeoutSeconds: >= 1 and <= 240, FailureThreshold: >= 1 and <= 10, InitialDelaySeconds: >= 1 and <= 60 })
        {
            yield return $"its probe {probe.Type} has a value that Azure does not take";
        }
    }

    private static IEnumerable<string> OfIngress(ContainerApp.Reached ingress, int port, JsonObject bindings)
    {
        var external = bindings["http"]!["external"]?.GetValue<bool>() == true;
        if (ingress.External != external || ingress.AllowInsecure == external)
        {
            yield return "it is reached otherwise than in the manifest, or without TLS";
        }

        if (ingress.TargetPort != port)
        {
            yield return $"its program does not listen on {ingress.TargetPort}";
        }

        var others = bindings.Where(static binding => binding.Key != "http").Select(static binding => new ContainerApp.Port((int)binding.Value!["targetPort"]!, External: false));
        if (!others.SequenceEqual(ingress.AdditionalPortMappings ?? []))
        {
            yield return "its other ports are not those of the manifest, or open";
        }
    }

    private static IEnumerable<string> OfScale(string resource, ContainerApp.Templated template, Dictionary<string, string> environment)
    {
        var (least, most) = resource switch
        {
            "middleware" => (2, 64),

            // A page is at the replica that it was opened at.
            "console" => (1, 1),
            _ => (0, 1),
        };
        if (template.Scale.MinReplicas < least || template.Scale.MaxReplicas < template.Scale.MinReplicas || template.Scale.MaxReplicas > most)
        {
            yield return "it has too few replicas, or too many";
        }

        var phase = PodRules.DurationOf(environment.GetValueOrDefault("SHUTDOWN_TIMEOUT", "30s"));
        if (TimeSpan.FromSeconds(template.TerminationGracePeriodSeconds) < (2 * phase) + Margin)
        {
            yield return "it is killed before both phases of its stop have ended";
        }
    }

    /// <summary>
    /// The addresses of Container Apps: a project listens on the port of its image, and the ingress of an app has a name. One that is reached from outside
    /// leads plain HTTP to HTTPS.
    /// </summary>
    private static string AddressOf(JsonNode manifest, string resource, string binding, string property)
    {
        var given = manifest["resources"]![resource]!["bindings"]![binding]!;
        var (scheme, reach) = (bool?)given["external"] == true ? ("https", "") : ((string?)given["scheme"], ".internal");
        return property == "url"
            ? $"{scheme}://{resource}{reach}.{ContainerApp.OutputOf("AZURE_CONTAINER_APPS_ENVIRONMENT_DEFAULT_DOMAIN")}"
            : given["targetPort"]?.ToString() ?? new DeployedFiles().PortOf(Services.Single(service => service.Resource == resource).Image).ToString(CultureInfo.InvariantCulture);
    }
}
