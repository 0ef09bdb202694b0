using System.Globalization;
using Middleware.Callers;
using Tests.Console.SigningIn;
using Tests.Middleware;
using Tests.Middleware.Storage.AtRest;
using Tests.Middleware.Storage.Postgres;

namespace Tests.Deployment.Azure;

/// <summary>
/// The services with the environment of the manifest and of their images, and nothing else. Its references are resolved by a database of the test's own and by
/// ports of this machine.
/// </summary>
[Trait("Speed", "Slow")]
[RunsNatively]
public sealed class StartingByTheManifest : IDisposable
{
    private const string Receiver = "external-alerts";
    private const string Header = "canary-header";

    private static readonly JsonNode Manifest = PublishedManifest.Read(new());

    private readonly Dictionary<string, int> _ports = new()
    {
        ["middleware http"] = LoopbackPort.Free(),
        ["middleware metrics"] = LoopbackPort.Free(),
        [$"{Receiver} http"] = LoopbackPort.Free(),
        ["console http"] = LoopbackPort.Free(),
    };

    private readonly string _key = KeyText.Generate();
    private readonly HttpClient _http = new();

    public void Dispose() => _http.Dispose();

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task An_event_is_accepted_with_the_key_and_delivered_to_the_receiver_and_secrets_are_encrypted()
    {
        await using var database = await PostgresDatabase.CreateAsync();
        using var receiver = await StartAsync(Receiver, "ExternalAlerts.Api", database);
        using var middleware = await StartAsync("middleware", "Middleware.Api", database);
        using var data = new TemporaryDirectory();
        using var console = await StartAsync("console", "Console", database, $"DATA_DIR={data.Path}");
        foreach (var (resource, _) in ContainerAppRules.Services)
        {
            await SeeProbesAsync(resource);
        }

        using var events = new MiddlewareClient(AddressOf("middleware http"), _key);
        using var nobody = new MiddlewareClient(AddressOf("middleware http"));
        Assert.Equal(HttpStatusCode.Unauthorized, (await nobody.Post()).Status);
        var id = await events.Accept(source: "canary-source");
        await events.LookWhenEnded(id);
        Assert.Equal(["default"], await events.DeliveredTo(id));

        await events.Register($$$"""{"name":"pager","url":"https://pager.test/","headers":{"X-Key":"{{{Header}}}"}}""");
        await using (var connection = await database.Source.OpenConnectionAsync(Waiting.Cancellation))
        {
            Assert.Equal(["canary-source"], Canary.InRows(connection, "canary-source", Header).Distinct());
        }

        Assert.Equal(0, await console.StopAsync());
        Assert.Equal(0, await middleware.StopAsync());
        Assert.Equal(0, await receiver.StopAsync());
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task The_console_takes_the_key_over_the_ingress_alone()
    {
        await using var database = await PostgresDatabase.CreateAsync();
        using var middleware = await StartAsync("middleware", "Middleware.Api", database);
        using var data = new TemporaryDirectory();
        using var console = await StartAsync("console", "Console", database, $"DATA_DIR={data.Path}");
        using var person = new ConsolePerson(AddressOf("console http"));

        Assert.Equal("/sign-in?return=%2Fkeys", await person.LedToAsync("/keys"));
        Assert.Equal("/keys", await person.SignInAsync(_key, "/keys"));
        Assert.Equal(HttpStatusCode.OK, (await person.GetAsync("/keys")).Status);
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task Metrics_are_at_their_own_port_alone_and_the_receiver_shows_nothing()
    {
        await using var database = await PostgresDatabase.CreateAsync();
        using var receiver = await StartAsync(Receiver, "ExternalAlerts.Api", database);
        using var middleware = await StartAsync("middleware", "Middleware.Api", database);

        Assert.Equal(HttpStatusCode.OK, await GetAsync("middleware metrics", "/metrics"));
        Assert.Equal(HttpStatusCode.NotFound, await GetAsync("middleware metrics", "/api/v1/events"));
        Assert.Equal(HttpStatusCode.Unauthorized, await GetAsync("middleware http", "/metrics"));
        Assert.Equal(HttpStatusCode.NotFound, await GetAsync($"{Receiver} http", "/external/alerts/stats"));
    }

    private async Task<ServiceProcess> StartAsync(string resource, string project, PostgresDatabase database, params string[] more)
    {
        var given = new Dictionary<string, string> { ["admin-key"] = _key, ["master-key"] = TestKeys.Lines("k1"), ["events"] = database.ConnectionString() };
        var references = new ManifestReferences(
            Manifest,
            parameter => given.GetValueOrDefault(parameter) ?? ManifestReferences.DefaultOf(Manifest, parameter)!,
            (owner, binding, property) => property == "url" ? AddressOf($"{owner} {binding}").GetLeftPart(UriPartial.Authority) : _ports[$"{owner} {binding}"].ToString(CultureInfo.InvariantCulture));

        // What eng/Image.props and its base set.
        string[] image = ["ASPNETCORE_ENVIRONMENT=Production", "ASPNETCORE_HTTP_PORTS=", $"PORT={new DeployedFiles().PortOf(ContainerAppRules.Services.Single(service => service.Resource == resource).Image)}"];
        return await ServiceProcess.StartAsync(project, [.. image, .. references.EnvironmentOf(resource).Select(static variable => $"{variable.Key}={variable.Value}"), .. more]);
    }

    /// <summary>Waits until each probe of a container app is answered well.</summary>
    private async Task SeeProbesAsync(string resource)
    {
        var app = ContainerApp.Read(resource, new(), ContainerAppRules.Given.ToDictionary(static given => given.Key.Replace('-', '_'), static given => given.Value));
        foreach (var probe in app.Properties.Template.Containers.Single().Probes)
        {
            await Waiting.SeeAsync(() => GetAsync($"{resource} http", probe.HttpGet.Path), static status => status == HttpStatusCode.OK, $"{resource} answers {probe.HttpGet.Path}");
        }
    }

    private async Task<HttpStatusCode> GetAsync(string binding, string path)
    {
        using var answer = await _http.GetAsync(new Uri(AddressOf(binding), path), Waiting.Cancellation);
        return answer.StatusCode;
    }

    private Uri AddressOf(string binding) => new(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{_ports[binding]}"));
}
