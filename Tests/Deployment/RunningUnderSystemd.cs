using Tests.Middleware;

namespace Tests.Deployment;

/// <summary>A service as systemd starts it: it reports that it is ready, that it lives, and that it stops.</summary>
[RunsNatively]
[Trait("Speed", "Slow")]
public sealed class RunningUnderSystemd
{
    private const string Ready = "READY=1";
    private const string Alive = "WATCHDOG=1";
    private const string Stopping = "STOPPING=1";

    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(300);

    [Theory(Timeout = Waiting.TestLimit)]
    [InlineData("Middleware.Api")]
    [InlineData("ExternalAlerts.Api")]
    public async Task A_service_reports_its_start_its_life_and_its_stop(string project)
    {
        using var systemd = new NotifySocket();
        using var service = await ServiceProcess.StartAsync(project, systemd.Variables(Short).Append(RunningMiddleware.InMemory));
        using var http = new HttpClient { BaseAddress = service.Address };

        await Waiting.WithinTheTest(() => systemd.Messages.Count(static message => message == Alive) >= 3);
        Assert.Equal(Ready, systemd.Messages.First());
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync("/health/ready", Waiting.Cancellation)).StatusCode);
        Assert.DoesNotContain(Stopping, systemd.Messages);

        Assert.Equal(0, await service.StopAsync());
        await Waiting.WithinTheTest(() => systemd.Messages.Contains(Stopping));
        Assert.All(systemd.Messages, static message => Assert.Contains(message, (string[])[Ready, Alive, Stopping]));
    }

    /// <summary>The package has a format for the journal; a line of ours is JSON.</summary>
    [Fact(Timeout = Waiting.TestLimit)]
    public async Task The_log_stays_JSON()
    {
        using var systemd = new NotifySocket();
        using var service = await ServiceProcess.StartAsync("Middleware.Api", [.. systemd.Variables(Short), RunningMiddleware.InMemory]);
        await service.StopAsync();

        Assert.NotEmpty(service.Output);
        Assert.All(service.Output, static line => Assert.NotNull((string?)JsonNode.Parse(line)!["msg"]));
        Assert.Empty(service.Errors);
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task A_service_that_does_not_start_reports_no_readiness()
    {
        using var systemd = new NotifySocket();
        using var service = ServiceProcess.Begin("Middleware.Api", [.. systemd.Variables(Short), "QUEUE_SIZE=many"]);

        Assert.Equal(1, await service.ExitCodeAsync());
        Assert.DoesNotContain(Ready, systemd.Messages);
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task A_watchdog_of_another_process_gets_no_ping()
    {
        using var systemd = new NotifySocket();
        using var service = await ServiceProcess.StartAsync("ExternalAlerts.Api", [.. systemd.Variables(Short), "WATCHDOG_PID=1"]);
        await Waiting.WithinTheTest(() => systemd.Messages.Contains(Ready));

        Assert.Equal(0, await service.StopAsync());
        await Waiting.WithinTheTest(() => systemd.Messages.Contains(Stopping));
        Assert.Equal([Ready, Stopping], systemd.Messages);
    }
}
