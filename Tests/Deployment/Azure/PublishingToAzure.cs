using Tests.Words;

namespace Tests.Deployment.Azure;

/// <summary>The manifest and the files that <c>azd</c> reads, without Azure.</summary>
public sealed class PublishingToAzure
{
    private const string Manifest = PublishedManifest.File;
    private const string Middleware = "AppHost/infra/middleware.tmpl.yaml";
    private const string Console = "AppHost/infra/console.tmpl.yaml";
    private const string Receiver = "AppHost/infra/external-alerts.tmpl.yaml";

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task The_manifest_that_is_published_is_the_one_in_the_tree()
    {
        var published = await PublishedManifest.PublishAsync();
        var expected = new DeployedFiles().Read(Manifest).ReplaceLineEndings("\n");
        var made = Path.Combine(AppContext.BaseDirectory, "published-manifest.json");
        await File.WriteAllTextAsync(made, published, Waiting.Cancellation);

        TestContext.Current.TestOutputHelper!.WriteLine($"Copy {made} to accept it.");
        Assert.Equal(expected.Split('\n'), published.Split('\n'));
    }

    [Fact]
    public void The_manifest_keeps_the_rules() => Prose.AssertNone(ManifestRules.Faults(PublishedManifest.Read(new())));

    [Theory]
    [InlineData("{admin-key.value}", "{admin-kee.value}", "middleware.env.ADMIN_KEY: {admin-kee.value} leads nowhere")]
    [InlineData("{admin-key.value}", "{admin-key.valeu}", "middleware.env.ADMIN_KEY: {admin-key.valeu} leads nowhere")]
    [InlineData("{external-alerts.bindings.http.url}", "{external-alerts.bindings.web.url}", "middleware.env.EXTERNAL_ALERTS_HTTP: {external-alerts.bindings.web.url} leads nowhere")]
    [InlineData("{external-alerts.bindings.http.url}", "{external-alerts.bindings.http.uri}", "middleware.env.EXTERNAL_ALERTS_HTTP: {external-alerts.bindings.http.uri} leads nowhere")]
    [InlineData("{master-key.inputs.value}", "{master-key.inputs.text}", "master-key.value: {master-key.inputs.text} leads nowhere")]
    [InlineData("\"{events.value}\"", "\"{events.value\"", "events.connectionString: {events.value has a brace that belongs to no reference")]
    [InlineData("\"{admin-key.value}\"", "\"a-key\"", "middleware: ADMIN_KEY is no parameter")]
    [InlineData("\"ADMIN_KEY\"", "\"ADMINKEY\"", "middleware: ADMIN_KEY is no parameter")]
    [InlineData("\"ADMIN_KEY\"", "\"ADMINKEY\"", "middleware: ADMINKEY is no setting")]
    [InlineData("\"secret\": true", "\"secret\": false", "master-key: it is a secret, and is asked for")]
    [InlineData("\"secret\": true", "\"secret\": true, \"default\": {}", "events: it is a secret, and is asked for")]
    [InlineData("\"100.100.0.0/16\"", "\"Host=canary-host;Password=canary-password\"", "the value Host=canary-host;Password=canary-password stands in it")]
    [InlineData("\"transport\": \"http\"", "\"transport\": \"http\", \"port\": 8080", "middleware: the ingress does not take the port 8080 of http")]
    [InlineData("\"targetPort\": 9464", "\"targetPort\": 9464, \"external\": true", "reached from outside: middleware http, middleware metrics, console http")]
    [InlineData("\"MIDDLEWARE_URL\"", "\"MIDDLEWARE\"", "console: MIDDLEWARE is no setting")]
    [InlineData("\"MIDDLEWARE_URL\"", "\"CONSOLE_KEY\": \"{admin-key.value}\", \"MIDDLEWARE_URL\"", "console: everybody would act by CONSOLE_KEY")]
    [InlineData("\"project.v0\"", "\"executable.v0\"", "external-alerts: executable.v0 is no kind of a resource")]
    public void A_fault_of_the_manifest_is_found(string text, string other, string fault) =>
        Assert.Contains(fault, ManifestRules.Faults(PublishedManifest.Read(new((Manifest, text, other)))));

    [Fact]
    public void Container_apps_keep_the_rules() => Prose.AssertNone(ContainerAppRules.Faults(new()));

    [Theory]
    [InlineData(Middleware, "value: \"9464\"", "value: \"9465\"", "middleware: METRICS_PORT is 9465, and 9464 in the manifest")]
    [InlineData(Middleware, "name: TRUSTED_PROXIES", "name: TRUSTED_PROXY", "middleware: TRUSTED_PROXIES is not there, and 100.100.0.0/16 in the manifest")]
    [InlineData(Middleware, "secretRef: master-key", "secretRef: admin-key", "middleware: MASTER_KEY is key: \"quoted\" # and 'quoted', and k2 AAAA=\nk1 BBBB= in the manifest")]
    [InlineData(Middleware, "secretRef: admin-key", "value: {{ securedParameter \"admin_key\" | printf \"%q\" }}", "middleware: ADMIN_KEY is no secret")]
    [InlineData(Middleware, "http://external-alerts.internal.", "http://external-alerts.", "middleware: EXTERNAL_ALERTS_HTTP is http://external-alerts.azure-container-apps-environment-default-domain.test, and http://external-alerts.internal.azure-container-apps-environment-default-domain.test in the manifest")]
    [InlineData(Middleware, "path: /health/ready", "path: /health/raedy", "middleware: its probe Readiness asks /health/raedy")]
    [InlineData(Middleware, "path: /alive", "path: /health/ready", "middleware: its probe Liveness asks /health/ready")]
    [InlineData(Middleware, "type: Startup", "type: Liveness", "middleware: it has not one probe of each type")]
    [InlineData(Middleware, "failureThreshold: 10", "failureThreshold: 11", "middleware: its probe Startup has a value that Azure does not take")]
    [InlineData(Middleware, "targetPortOrDefault 8080", "targetPortOrDefault 8081", "middleware: its program does not listen on 8081")]
    [InlineData(Middleware, "terminationGracePeriodSeconds: 75", "terminationGracePeriodSeconds: 60", "middleware: it is killed before both phases of its stop have ended")]
    [InlineData(Middleware, "minReplicas: 2", "minReplicas: 1", "middleware: it has too few replicas, or too many")]
    [InlineData(Middleware, "external: false", "external: true", "middleware: its other ports are not those of the manifest, or open")]
    [InlineData(Middleware, "allowInsecure: false", "allowInsecure: true", "middleware: it is reached otherwise than in the manifest, or without TLS")]
    [InlineData(Middleware, "azd-service-name: middleware", "azd-service-name: app", "middleware: it has another name")]
    [InlineData(Receiver, "external: false", "external: true", "external-alerts: it is reached otherwise than in the manifest, or without TLS")]
    [InlineData(Receiver, "maxReplicas: 1", "maxReplicas: 2", "external-alerts: it has too few replicas, or too many")]
    [InlineData(Console, "value: https://middleware.", "value: http://middleware.", "console: MIDDLEWARE_URL is http://middleware.azure-container-apps-environment-default-domain.test, and https://middleware.azure-container-apps-environment-default-domain.test in the manifest")]
    [InlineData(Console, "external: true", "external: false", "console: it is reached otherwise than in the manifest, or without TLS")]
    [InlineData(Console, "maxReplicas: 1", "maxReplicas: 2", "console: it has too few replicas, or too many")]
    [InlineData(Console, "targetPortOrDefault 8082", "targetPortOrDefault 8080", "console: its program does not listen on 8080")]
    [InlineData(Manifest, "\"SHUTDOWN_TIMEOUT\": \"30s\"", "\"SHUTDOWN_TIMEOUT\": \"40s\"", "middleware: SHUTDOWN_TIMEOUT is 30s, and 40s in the manifest")]
    public void A_fault_of_a_container_app_is_found(string file, string text, string other, string fault) =>
        Assert.Contains(fault, ContainerAppRules.Faults(new((file, text, other))));

    [Theory]
    [InlineData("securedParameter \"events\"", "securedParameter \"event\"")]
    [InlineData("securedParameter \"events\" |", "secretParameter \"events\" |")]
    [InlineData(".Env.AZURE_LOCATION", ".Env.AZURE_LOCALE")]
    [InlineData(".Image", ".Images")]
    public void An_expression_that_azd_cannot_resolve_is_found(string text, string other) =>
        Assert.Throws<FormatException>(() => ContainerAppRules.Faults(new((Middleware, text, other))).ToList());

    [Theory]
    [InlineData("terminationGracePeriodSeconds: 75", "terminationGracePeriod: 75")]
    [InlineData("terminationGracePeriodSeconds: 75", "terminationGracePeriodSeconds: 75s")]
    [InlineData("httpGet:", "httpget:")]
    [InlineData("value: \"9464\"", "value: 9464")]
    public void A_member_or_value_that_Azure_does_not_know_is_found(string text, string other) =>
        Assert.Throws<JsonException>(() => ContainerAppRules.Faults(new((Middleware, text, other))).ToList());
}
