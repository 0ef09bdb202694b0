using Tests.Middleware.Sending;
using Tests.Middleware.Tls;

namespace Tests.Middleware.ProcessTests;

/// <summary>The command of both services by which a container asks whether it is ready.</summary>
[RunsNatively]
public sealed class CheckingHealth : IDisposable
{
    private const string Command = "--healthcheck";

    private readonly MountedSecret _secret = new();

    public void Dispose() => _secret.Dispose();

    [Theory]
    [InlineData("Middleware.Api")]
    [InlineData("ExternalAlerts.Api")]
    public async Task A_service_that_is_ready_is_0_and_one_that_has_stopped_is_1_with_a_line(string project)
    {
        using var service = await ServiceProcess.StartAsync(project, RunningMiddleware.InMemory);
        var port = service.Address.Port;

        Assert.Equal((0, ""), await CheckAsync(project, $"PORT={port}"));
        Assert.Equal((0, ""), await CheckAsync(project, $"ASPNETCORE_URLS=http://*:{port}"));
        Assert.Equal((0, ""), await CheckAsync(project, $"ASPNETCORE_HTTP_PORTS={port}", "PORT=2"));
        Assert.Equal((0, ""), await CheckAsync(project, $"Kestrel__Endpoints__a__Url=http://[::]:{port}"));
        Assert.Equal(0, await service.StopAsync());

        var (code, line) = await CheckAsync(project, $"PORT={port}");
        Assert.Equal(1, code);
        Assert.Matches($"^not ready: http://127.0.0.1:{port}/health/ready did not answer \\(.+\\)$", line);
    }

    [Theory]
    [InlineData("Middleware.Api")]
    [InlineData("ExternalAlerts.Api")]
    public async Task With_the_service_s_certificate_it_is_asked_by_TLS(string project)
    {
        var made = MadeCertificate.Server();
        _secret.Put(("tls.pem", $"{made.ExportCertificatePem()}\n{made.KeyPem()}"));
        string[] tls = [$"TLS_CERT_FILE={_secret.PathOf("tls.pem")}", $"TLS_KEY_FILE={_secret.PathOf("tls.pem")}"];
        using var service = await ServiceProcess.StartAsync(project, [RunningMiddleware.InMemory, "ASPNETCORE_URLS=https://127.0.0.1:0", .. tls]);

        Assert.Equal((0, ""), await CheckAsync(project, [$"PORT={service.Address.Port}", .. tls]));
        var (code, line) = await CheckAsync(project, $"PORT={service.Address.Port}");
        Assert.Equal(1, code);
        Assert.StartsWith($"not ready: http://127.0.0.1:{service.Address.Port}/health/ready did not answer (", line, StringComparison.Ordinal);
        Assert.Equal(0, await service.StopAsync());
    }

    [Theory]
    [InlineData("Middleware.Api")]
    [InlineData("ExternalAlerts.Api")]
    public async Task A_service_that_listens_on_a_socket_alone_is_asked_there(string project)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Its URLs have other paths.");
        using var folder = new TemporaryDirectory();
        var urls = $"ASPNETCORE_URLS=http://unix:{folder.Path}/service";
        var (before, line) = await CheckAsync(project, urls);
        Assert.Equal(1, before);
        Assert.StartsWith("not ready: http://localhost/health/ready did not answer (", line, StringComparison.Ordinal);
        using var service = ServiceProcess.Begin(project, [RunningMiddleware.InMemory, urls]);

        await Waiting.Until(async () => await CheckAsync(project, urls) == (0, ""));

        Assert.Equal(0, await service.StopAsync());
    }

    [Fact]
    public async Task A_service_that_answers_that_it_is_not_ready_is_1()
    {
        await using var receiver = await CountingReceiver.StartAsync();
        receiver.Status = 503;

        Assert.Equal(
            (1, $"not ready: http://127.0.0.1:{receiver.Address.Port}/health/ready answered 503"), await CheckAsync("Middleware.Api", $"PORT={receiver.Address.Port}"));
    }

    [Fact]
    public async Task A_port_that_the_service_would_refuse_is_1_and_its_line()
    {
        var (code, line) = await CheckAsync("Middleware.Api", "PORT=80800");

        Assert.Equal((1, "not ready: PORT: \"80800\" is not accepted; expected a whole number from 1 to 65535."), (code, line));
    }

    [Fact]
    public async Task A_setting_may_stand_behind_the_word_and_nothing_else()
    {
        using var asked = ServiceProcess.Begin("Middleware.Api", ["ASPNETCORE_URLS="], [Command, "PORT=2"]);
        Assert.Equal(1, await asked.ExitCodeAsync());
        Assert.StartsWith("not ready: http://127.0.0.1:2/", Assert.Single(asked.Errors), StringComparison.Ordinal);

        using var refused = ServiceProcess.Begin("Middleware.Api", [], [Command, "bogus"]);
        Assert.Equal(2, await refused.ExitCodeAsync());
        Assert.StartsWith("\"--healthcheck bogus\" is not a command.", refused.Errors.First(), StringComparison.Ordinal);
    }

    private static async Task<(int Code, string Line)> CheckAsync(string project, params string[] settings)
    {
        using var process = ServiceProcess.Begin(project, settings, [Command]);
        var code = await process.ExitCodeAsync();
        Assert.Empty(process.Output);
        return (code, string.Join('\n', process.Errors));
    }
}
