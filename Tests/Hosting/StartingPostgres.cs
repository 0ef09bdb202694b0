using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Middleware.Callers;
using Tests.Middleware;
using Tests.Middleware.Storage.Postgres;
using Tests.Supply;
using Tests.Words;

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

    /// <summary>The AppHost leaves a stop 6 s, which a busy machine exceeds. Here it has its time.</summary>
    [Fact(Timeout = Waiting.TestLimit)]
    public async Task A_stop_of_the_server_is_clean()
    {
        const string StartAndStop =
            """
            sh "$@" &
            script=$!
            until grep -q ready postgres/store/postmaster.pid 2> /dev/null; do sleep 0.05; done
            kill "$script"
            wait "$script"
            """;
        var programs = Path.GetDirectoryName(PostgresPrograms.Find().CommandOf("postgres")[^1])!;
        await Command.RunAsync(
            Folder.Path, "/bin/sh",
            ["-c", StartAndStop, "sh", Path.Combine(Prose.Root, "AppHost", "start-postgres"), programs, Path.Combine(Folder.Path, "postgres"), "events", "max_connections=20"],
            ("PORT", $"{LoopbackPort.Free()}"), ("PASSWORD", "one")).Succeeds();

        Assert.False(File.Exists(Path.Combine(Folder.Path, "postgres", "store", "postmaster.pid")));
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
