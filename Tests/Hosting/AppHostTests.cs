using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Middleware.Callers;

namespace Tests.Hosting;

[Trait("Speed", "Slow")]
public sealed class AppHostTests
{
    // A key that is made is kept in the secrets of the user.
    private static string[] Running(TemporaryDirectory data) => [$"DATA_DIR={data.Path}", $"Parameters:admin-key={KeyText.Generate()}"];

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task All_services_become_healthy_and_answer()
    {
        using var data = new TemporaryDirectory();
        await using var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.AppHost>(Running(data), Waiting.Cancellation);
        await using var app = await builder.BuildAsync(Waiting.Cancellation);
        await app.StartAsync(Waiting.Cancellation);

        foreach (var service in (string[])["external-alerts", "middleware", "console"])
        {
            await app.ResourceNotifications.WaitForResourceHealthyAsync(service, Waiting.Cancellation);
            using var client = app.CreateHttpClient(service);
            using var answer = await client.GetAsync(new Uri("/health/ready", UriKind.Relative), Waiting.Cancellation);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }
    }

    [Theory(Timeout = Waiting.TestLimit)]
    [InlineData(true)]
    [InlineData(false, "--operation=publish", "--publisher=manifest")]
    public async Task The_console_acts_by_the_key_in_a_run_and_has_none_in_a_deployment(bool isRun, params string[] args)
    {
        await using var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.AppHost>(args, Waiting.Cancellation);

        var variables = await VariablesOf(builder, "console");

        Assert.Equal(isRun, variables.ContainsKey("CONSOLE_KEY"));
        Assert.Equal(!isRun, variables.ContainsKey("MIDDLEWARE_URL"));
        Assert.Equal(isRun, variables.ContainsKey("services__middleware__http__0"));
        Assert.Contains(builder.Resources.Single(static resource => resource.Name == "console").Annotations.OfType<WaitAnnotation>(), static wait => wait.Resource.Name == "middleware");
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task Two_AppHosts_run_side_by_side_in_one_process()
    {
        using var first = new TemporaryDirectory();
        using var second = new TemporaryDirectory();

        var endpoints = await Task.WhenAll(RunAsync(first), RunAsync(second));

        Assert.Equal(2, endpoints.Distinct().Count());

        static async Task<Uri> RunAsync(TemporaryDirectory data)
        {
            await using var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.AppHost>(Running(data), Waiting.Cancellation);
            await using var app = await builder.BuildAsync(Waiting.Cancellation);
            await app.StartAsync(Waiting.Cancellation);
            await app.ResourceNotifications.WaitForResourceHealthyAsync("middleware", Waiting.Cancellation);
            return app.GetEndpoint("middleware", "http");
        }
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task A_test_runs_in_the_environment_of_the_AppHosts_first_launch_profile()
    {
        await using var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.AppHost>([], Waiting.Cancellation);

        Assert.Equal("Development", builder.Environment.EnvironmentName);
        Assert.Equal("AppHost", Path.GetFileName(builder.AppHostDirectory.TrimEnd(Path.DirectorySeparatorChar)));
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task A_test_sees_the_resources_and_can_change_them_before_it_builds()
    {
        await using var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.AppHost>([], Waiting.Cancellation);

        var middleware = builder.CreateResourceBuilder<ProjectResource>("middleware").WithEnvironment("QUEUE_SIZE", "5");

        Assert.Contains(middleware.Resource, builder.Resources);
        Assert.Contains(builder.Resources, resource => resource.Name == "external-alerts");
    }

    [Theory(Timeout = Waiting.TestLimit)]
    [InlineData("queue-size", "1000")]
    [InlineData("redelivery-schedule", "1m,5m,15m,1h,3h,6h,12h")]
    [InlineData("queue-size", "5", "QUEUE_SIZE=5")]
    [InlineData("queue-size", "6", "Parameters:queue-size=6")]
    [InlineData("redelivery-schedule", "", "REDELIVERY_SCHEDULE=")]
    public async Task Settings_that_are_changed_in_the_dashboard_are_parameters_with_a_description_and_a_value(string name, string value, params string[] args)
    {
        await using var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.AppHost>(args, Waiting.Cancellation);

        var parameter = Assert.Single(builder.Resources.OfType<ParameterResource>(), parameter => parameter.Name == name);

        Assert.Equal(value, await parameter.GetValueAsync(Waiting.Cancellation));
        Assert.NotEmpty(parameter.Description!);
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task The_file_of_a_setting_is_passed_on_in_its_place()
    {
        await using var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.AppHost>(["QUEUE_SIZE_FILE=size"], Waiting.Cancellation);

        var variables = await VariablesOf(builder, "middleware");

        Assert.Equal(Path.GetFullPath("size"), variables["QUEUE_SIZE_FILE"]);
        Assert.False(variables.ContainsKey("QUEUE_SIZE"));
    }

    [Theory(Timeout = Waiting.TestLimit)]
    [InlineData(null, false)]
    [InlineData("ConnectionStrings:events=memory", true)]
    public async Task The_store_s_connection_string_is_a_resource_only_where_it_is_configured(string? argument, bool expected)
    {
        await using var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.AppHost>(argument is null ? [] : [argument], Waiting.Cancellation);

        Assert.Equal(expected, builder.Resources.Any(resource => resource.Name == "events"));
    }

    [Theory(Timeout = Waiting.TestLimit)]
    [InlineData(1, "REPLICAS=1")]
    [InlineData(64, "REPLICAS=64", "ConnectionStrings:events=Host=db")]
    [InlineData(2, "REPLICAS=2", "ConnectionStrings:events=Host=db", "POSTGRES=true")]
    public async Task There_are_as_many_replicas_as_are_asked_for_on_the_database_that_is_given(int expected, params string[] args)
    {
        await using var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.AppHost>(args, Waiting.Cancellation);
        var middleware = builder.Resources.OfType<ProjectResource>().Single(static resource => resource.Name == "middleware");

        Assert.Equal(expected, middleware.GetReplicaCount());
        Assert.DoesNotContain(builder.Resources, static resource => resource.Name == "postgres");
    }

    [Theory(Timeout = Waiting.TestLimit)]
    [InlineData("POSTGRES=container")]
    [InlineData("POSTGRES=true", "--operation=publish", "--publisher=manifest")]
    public async Task A_server_in_a_container_has_the_database_of_the_events(params string[] args)
    {
        await using var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.AppHost>(args, Waiting.Cancellation);

        var database = Assert.Single(builder.Resources.OfType<PostgresDatabaseResource>());
        Assert.Equal(("events", "postgres"), (database.Name, database.Parent.Name));
        Assert.Contains(builder.Resources.Single(static resource => resource.Name == "middleware").Annotations.OfType<WaitAnnotation>(), wait => wait.Resource == database);
    }

    [Theory(Timeout = Waiting.TestLimit)]
    [InlineData("REPLICAS: \"0\" is not accepted; expected a whole number from 1 to 64.", "REPLICAS=0")]
    [InlineData("REPLICAS: \"65\" is not accepted; expected a whole number from 1 to 64.", "REPLICAS=65", "POSTGRES=true")]
    [InlineData("REPLICAS: \"2\" is not accepted with SQLite; expected 1, or a store that replicas share: --postgres, or a connection string of PostgreSQL in ConnectionStrings__events.", "REPLICAS=2")]
    [InlineData("REPLICAS: \"2\" is not accepted with SQLite; expected 1, or a store that replicas share: --postgres, or a connection string of PostgreSQL in ConnectionStrings__events.", "REPLICAS=2", "ConnectionStrings__events=memory")]
    [InlineData("POSTGRES: \"maybe\" is not accepted; expected true, container, installed or false.", "POSTGRES=maybe")]
    [InlineData("ConnectionStrings__events: \"memory\" is not accepted with --postgres; expected nothing, or a connection string of PostgreSQL.", "POSTGRES=true", "ConnectionStrings__events=memory")]
    public async Task A_store_or_a_number_of_replicas_that_cannot_be_is_refused_with_one_line(string line, params string[] settings)
    {
        using var appHost = ServiceProcess.Begin("AppHost", settings);

        Assert.Equal(1, await appHost.ExitCodeAsync());
        Assert.Equal([line], appHost.Errors);
    }

    [Theory(Timeout = Waiting.TestLimit)]
    [InlineData("REPLICAS: \"65\" is not accepted; expected a whole number from 1 to 64.", "--postgres", "REPLICAS=65")]
    [InlineData("ConnectionStrings__events: \"memory\" is not accepted with --postgres; expected nothing, or a connection string of PostgreSQL.", "ConnectionStrings:events=memory", "--postgres")]
    public async Task The_argument_that_asks_for_a_server_stands_anywhere_on_the_command_line(string line, params string[] arguments)
    {
        using var appHost = ServiceProcess.Begin("AppHost", [], arguments);

        Assert.Equal(1, await appHost.ExitCodeAsync());
        Assert.Equal([line], appHost.Errors);
    }

    private static async Task<Dictionary<string, object>> VariablesOf(IDistributedApplicationTestingBuilder builder, string name)
    {
        var service = builder.Resources.OfType<ProjectResource>().Single(resource => resource.Name == name);
        var variables = new EnvironmentCallbackContext(builder.ExecutionContext, service, cancellationToken: Waiting.Cancellation);
        foreach (var given in service.Annotations.OfType<EnvironmentCallbackAnnotation>())
        {
            await given.Callback(variables);
        }

        return variables.EnvironmentVariables;
    }
}
