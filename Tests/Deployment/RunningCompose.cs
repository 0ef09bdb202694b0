using Tests.Middleware;
using Tests.Supply;
using Tests.Words;

namespace Tests.Deployment;

/// <summary>The compose file, without a container engine. <c>.ci/compose</c> has the tools read it too.</summary>
public sealed class RunningCompose
{
    private static readonly string[] Made = ["admin-key", "master-key", "alerts-key", "postgres-password", "grafana-password", "events-connection"];

    [Fact]
    public void The_file_and_its_example_of_settings_keep_the_rules() => Prose.AssertNone(ComposeRules.Faults(new()));

    [Theory]
    [InlineData("compose.yaml", "  WORKER_COUNT:", "  WORKER_COUNTS:", "middleware: WORKER_COUNTS is no setting")]
    [InlineData("compose.yaml", "  WORKER_COUNT:", "  WORKER_COUNTS:", "replica-2: WORKER_COUNT is not passed on")]
    [InlineData("compose.yaml", "/app/Middleware.Api", "/app/Middleware", "middleware: its health check is not that of its program")]
    [InlineData("compose.yaml", "--healthcheck", "--health", "external-endpoint: its health check is not that of its program")]
    [InlineData("compose.yaml", "stop_grace_period: 70s", "stop_grace_period: 10s", "replica-1: it is killed before both phases of its stop have ended")]
    [InlineData("compose.yaml", "read_only: true", "read_only: false", "middleware: it may do more than it needs")]
    [InlineData("compose.yaml", "cap_drop: [ALL]", "cap_drop: [KILL]", "external-endpoint: it may do more than it needs")]
    [InlineData("compose.yaml", ":8081\"", ":8080\"", "external-endpoint: its image does not listen on 8080")]
    [InlineData("compose.yaml", "secrets: [alerts-key]", "secrets: [alert-key]", "external-endpoint: there is no secret alert-key")]
    [InlineData("compose.yaml", "secrets: [alerts-key]", "secrets: [alert-key]", "external-endpoint: the secret of /run/secrets/alerts-key is not given to it")]
    [InlineData("compose.yaml", "- middleware:/home/app", "- middleware:/home/app/data", "middleware: its store is on no volume")]
    [InlineData("compose.yaml", "/app/Console", "/app/console", "console: its health check is not that of its program")]
    [InlineData("compose.yaml", ":8082\"", ":8080\"", "console: its image does not listen on 8080")]
    [InlineData("compose.yaml", "- console:/home/app", "- console:/app", "console: the keys of its cookies are on no volume")]
    [InlineData("compose.yaml", "      MIDDLEWARE_URL:", "      MIDDLEWARE_ADDRESS:", "console: MIDDLEWARE_ADDRESS is no setting")]
    [InlineData("compose.yaml", "      CONSOLE_OIDC_SCOPES:", "      ASPNETCORE_ENVIRONMENT:", "console: ASPNETCORE_ENVIRONMENT is no setting")]
    [InlineData("compose.yaml", "      CONSOLE_OIDC_SCOPES:", "      CONSOLE_KEY:", "console: everybody would act by CONSOLE_KEY")]
    [InlineData("compose.yaml", "./deploy/compose/haproxy.cfg", "./deploy/compose/proxy.cfg", "proxy: ./deploy/compose/proxy.cfg does not exist")]
    [InlineData(".env.example", "# DOCS=", "# DOC=", ".env.example: DOC is neither passed on nor used")]
    [InlineData(".env.example", "# HTTP_TIMEOUT=3s", "# HTTP_TIMEOUT=4s", ".env.example: HTTP_TIMEOUT has another default than 4s")]
    [InlineData(".env.example", "# PROXY_PORT=8090", "# PROXY_PORT=8091", ".env.example: PROXY_PORT has another default than 8091")]
    public void A_fault_is_found(string file, string text, string other, string fault) => Assert.Contains(fault, ComposeRules.Faults(new((file, text, other))));

    [Fact]
    [RunsNatively]
    public async Task Secrets_are_made_once_each_and_the_service_takes_them()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "deploy/compose/make-secrets is a script of bash.");
        using var folder = new TemporaryDirectory();
        var secrets = Path.Combine(folder.Path, "secrets");

        Assert.Equal(Made.Select(static name => $"made {name}"), await MakeAsync(secrets));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, ModeOf(secrets));
        Assert.All(Made, name => Assert.True(ModeOf(Path.Combine(secrets, name)).HasFlag(UnixFileMode.OtherRead)));
        Assert.Matches("^Host=postgres;Database=events;Username=events;Password=[A-Za-z0-9]{43}\n$", File.ReadAllText(Path.Combine(secrets, "events-connection")));

        // The others are as they were.
        var before = File.ReadAllText(Path.Combine(secrets, "master-key"));
        File.Delete(Path.Combine(secrets, "alerts-key"));
        Assert.Equal(["made alerts-key"], await MakeAsync(secrets));
        Assert.Equal(before, File.ReadAllText(Path.Combine(secrets, "master-key")));

        using var service = await ServiceProcess.StartAsync(
            "Middleware.Api", $"DATA_DIR={folder.Path}", $"ADMIN_KEY_FILE={secrets}/admin-key", $"MASTER_KEY_FILE={secrets}/master-key", "EXTERNAL_ENDPOINT_URL=");
        using var admin = new MiddlewareClient(service.Address, File.ReadAllText(Path.Combine(secrets, "admin-key")).Trim());
        await admin.Get("keys");
        Assert.Equal(0, await service.StopAsync());
    }

    private static UnixFileMode ModeOf(string path) => OperatingSystem.IsWindows() ? default : File.GetUnixFileMode(path);

    private static async Task<string[]> MakeAsync(string folder)
    {
        var program = Path.Combine(ServiceProcess.FolderOf("Middleware.Api"), "Middleware.Api.dll");
        var output = await Command.RunAsync(
            Prose.Root, Path.Combine(Prose.Root, "deploy", "compose", "make-secrets"), [folder], ("KEYS_NEW", $"{Command.Dotnet} {program} keys new")).Succeeds();
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
