using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Middleware.Callers;
using Tests.Middleware;
using Tests.Middleware.Storage.Postgres;

namespace Tests.Hosting;

/// <summary>The PostgreSQL server that the AppHost starts of the programs that are installed.</summary>
[Trait("Speed", "Slow")]
public sealed class StartingPostgres() : InAFolder(TemporaryDirectory.OpenToPrograms())
{
    private readonly string _key = KeyText.Generate();

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task The_server_ends_with_the_AppHost_and_its_next_start_has_the_events_also_with_another_password()
    {
        PostgresPrograms.Find();
        var eventId = "";
        StartedPostgres? server = null;
        await RunAsync("one", async events => (eventId, server) = (await events.Accept(), new StartedPostgres(Folder.Path)));
        await Waiting.Until(() => !server!.Runs);

        await RunAsync("it's another", async events => Assert.Equal(eventId, (string?)(await events.LookWhenEnded(eventId))["event_id"]));
    }

    private async Task RunAsync(string password, Func<MiddlewareClient, Task> use)
    {
        string[] args = [$"DATA_DIR={Folder.Path}", $"Parameters:admin-key={_key}", $"Parameters:postgres-password={password}", "POSTGRES=installed"];
        await using var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.AppHost>(args, Waiting.Cancellation);
        await using var app = await builder.BuildAsync(Waiting.Cancellation);
        await app.StartAsync(Waiting.Cancellation);
        await app.ResourceNotifications.WaitForResourceHealthyAsync("middleware", Waiting.Cancellation);
        using var events = new MiddlewareClient(app.GetEndpoint("middleware", "http"), _key);
        await use(events);
    }
}
