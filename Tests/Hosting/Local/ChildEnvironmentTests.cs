using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Local;
using Aspire.Hosting.Testing;

namespace Tests.Hosting.Local;

public sealed class ChildEnvironmentTests
{
    private const int Limit = 120_000;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact(Timeout = Limit)]
    public async Task A_service_finds_another_by_its_name_and_listens_where_it_is_told()
    {
        await using var stage = new PuppetStage();
        var other = stage.Add("other-service");
        stage.Add("puppet").WithReference(other);
        await stage.StartAsync();
        await stage.HealthyAsync("puppet");

        var environment = await stage.AskAsync<Dictionary<string, string>>("puppet", "/environment");

        var url = stage.App.GetEndpoint("other-service").ToString().TrimEnd('/');
        Assert.Equal(url, environment["services__other-service__http__0"]);
        Assert.Equal(url, environment["OTHER_SERVICE_HTTP"]);
        Assert.Equal(stage.App.GetEndpoint("puppet").ToString().TrimEnd('/'), environment["ASPNETCORE_URLS"]);
        Assert.Equal("puppet", environment["OTEL_SERVICE_NAME"]);
        Assert.StartsWith("service.instance.id=puppet-", environment["OTEL_RESOURCE_ATTRIBUTES"], StringComparison.Ordinal);
    }

    [Fact(Timeout = Limit)]
    public async Task Parameters_connection_strings_endpoints_and_expressions_become_variables()
    {
        await using var stage = new PuppetStage("Parameters:colour=red", "ConnectionStrings:my-events=Host=db;Password=it's \"quoted\" $HOME");
        var colour = stage.Builder.AddParameter("colour");
        var puppet = stage.Add("puppet");
        puppet
            .WithEnvironment("TEXT", "plain")
            .WithEnvironment("COLOUR", colour)
            .WithEnvironment("SIZE", stage.Builder.AddParameter("size", "large"))
            .WithEnvironment("SELF", puppet.GetEndpoint("http"))
            .WithEnvironment("SENTENCE", ReferenceExpression.Create($"{colour} at {puppet.GetEndpoint("http")}"))
            .WithReference(stage.Builder.AddConnectionString("my-events"));
        await stage.StartAsync();
        await stage.HealthyAsync("puppet");

        var environment = await stage.AskAsync<Dictionary<string, string>>("puppet", "/environment");

        var self = stage.App.GetEndpoint("puppet").ToString().TrimEnd('/');
        Assert.Equal("plain", environment["TEXT"]);
        Assert.Equal("red", environment["COLOUR"]);
        Assert.Equal("large", environment["SIZE"]);
        Assert.Equal(self, environment["SELF"]);
        Assert.Equal($"red at {self}", environment["SENTENCE"]);
        Assert.Equal("Host=db;Password=it's \"quoted\" $HOME", environment["ConnectionStrings__my-events"]);
    }

    [Theory(Timeout = Limit)]
    [InlineData(false, "Running")]
    [InlineData(true, "FailedToStart")]
    public async Task A_connection_string_that_is_needed_but_missing_fails_the_start(bool needed, string expected)
    {
        await using var stage = new PuppetStage();
        stage.Add("puppet").WithReference(stage.Builder.AddConnectionString("events"), optional: !needed);
        await stage.StartAsync();

        await stage.StateAsync("puppet", expected);

        Assert.Equal(needed, stage.Lines.All.Any(line => line.Contains("configure ConnectionStrings:events", StringComparison.Ordinal)));
    }

    [Fact(Timeout = Limit)]
    public async Task Settings_given_to_the_AppHost_reach_the_middleware()
    {
        string[] settings =
        [
            "QUEUE_SIZE=5", "HTTP_TIMEOUT=1s", "MAX_RETRIES=1", "BASE_DELAY=20ms", "REDELIVERY_SCHEDULE=1s,1s", "MAX_EVENT_BYTES=2048",
            "MAX_BODY_BYTES_IN_FLIGHT=33554432", "RETENTION=1d", "DEAD_LETTER_RETENTION=2d", "DATA_DIR=elsewhere", "SHUTDOWN_TIMEOUT=2s",
        ];
        await using var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.AppHost>(settings, Cancellation);
        var middleware = builder.CreateResourceBuilder<ProjectResource>("middleware").WithEnvironment("WORKER_COUNT", "3");
        foreach (var endpoint in builder.Resources.SelectMany(resource => resource.Annotations.OfType<EndpointAnnotation>()))
        {
            endpoint.AllocatedPort = 1;
        }

        var environment = await ProjectEnvironment.BuildAsync(middleware.Resource, "id", Cancellation);

        Assert.All(settings.Select(static setting => setting.Split('=')), setting => Assert.Equal(setting[1], environment.GetValueOrDefault(setting[0])));
        Assert.Equal("3", environment["WORKER_COUNT"]);
        Assert.Equal("http://external-alerts/external/alerts", environment["EXTERNAL_ENDPOINT_URL"]);
        Assert.Equal("http://localhost:1", environment["services__external-alerts__http__0"]);
        Assert.Equal("Development", environment["ASPNETCORE_ENVIRONMENT"]);
    }

    [Fact(Timeout = Limit)]
    public async Task What_is_about_the_AppHost_itself_is_not_inherited()
    {
        await using var stage = new PuppetStage();
        var puppet = stage.Builder.AddProject<PuppetProject>("puppet", launchProfileName: null);

        var environment = await ProjectEnvironment.BuildAsync(puppet.Resource, "id", Cancellation);

        Assert.Equal(Environment.GetEnvironmentVariable("PATH"), environment["PATH"]);
        Assert.DoesNotContain("ASPNETCORE_URLS", environment.Keys);
        Assert.DoesNotContain("ASPNETCORE_ENVIRONMENT", environment.Keys);
        Assert.DoesNotContain("DOTNET_ENVIRONMENT", environment.Keys);
    }
}
