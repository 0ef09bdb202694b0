using System.Net;
using System.Net.Sockets;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Local;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Tests.Hosting.Local;

public sealed class StartTests
{
    private const int Limit = 120_000;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact(Timeout = Limit)]
    public async Task A_service_waits_until_the_other_is_healthy()
    {
        await using var stage = new PuppetStage();
        var first = stage.Add("first").WithEnvironment("PUPPET_HEALTH", "503");
        stage.Add("second").WaitFor(first);
        await stage.StartAsync();

        await stage.App.ResourceNotifications.WaitForResourceAsync(
            "first", latest => latest.Snapshot.HealthStatus == HealthStatus.Unhealthy, Cancellation);
        await stage.StateAsync("first", KnownResourceStates.Running);
        await stage.StateAsync("second", KnownResourceStates.Waiting);
        Assert.DoesNotContain(stage.Lines.All, line => line.StartsWith("second", StringComparison.Ordinal));

        await WaitForAnswerAsync(stage, "first");
        await stage.SetHealthAsync("first", 200);
        await stage.HealthyAsync("second");
        Assert.Equal(
            ["first Information: is healthy", "second Information: is healthy"],
            stage.Lines.All.Where(line => line.EndsWith("is healthy", StringComparison.Ordinal)));
    }

    [Fact(Timeout = Limit)]
    public async Task A_service_that_ends_early_fails_those_who_wait_for_it()
    {
        await using var stage = new PuppetStage();
        var first = stage.Add("first").WithEnvironment("PUPPET_EXIT_CODE", "3");
        stage.Add("second").WaitFor(first);
        await stage.StartAsync();

        var failure = await Assert.ThrowsAsync<DistributedApplicationException>(() => stage.HealthyAsync("first"));
        Assert.Equal("The resource 'first' did not become healthy: its state is Exited, exit code 3.", failure.Message);
        await stage.StateAsync("second", KnownResourceStates.FailedToStart);
        Assert.Contains("first Error: ended by itself with exit code 3", stage.Lines.All);
        await Assert.ThrowsAsync<DistributedApplicationException>(() => stage.HealthyAsync("second"));
    }

    [Fact(Timeout = Limit)]
    public async Task A_port_that_is_taken_is_named_with_its_service()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;
        await using var stage = new PuppetStage();
        stage.Builder.AddProject<PuppetProject>("puppet").WithHttpEndpoint(port: port, isProxied: false);
        await stage.StartAsync();

        await stage.StateAsync("puppet", KnownResourceStates.FailedToStart);

        Assert.Contains(stage.Lines.All, line => line.Contains($"port {port} of 'puppet' is taken", StringComparison.Ordinal));
    }

    [Fact(Timeout = Limit)]
    public async Task The_lines_of_a_service_carry_its_name()
    {
        await using var stage = new PuppetStage();
        stage.Add("puppet");
        await stage.StartAsync();
        await stage.HealthyAsync("puppet");
        await stage.App.StopAsync(Cancellation);

        Assert.Contains("puppet Information: the puppet is up", stage.Lines.All);
    }

    [Fact(Timeout = Limit)]
    public async Task The_table_shows_states_and_addresses()
    {
        await using var stage = new PuppetStage();
        var first = stage.Add("first").Resource;
        var second = stage.Add("another").Resource;
        first.Annotations.OfType<EndpointAnnotation>().Single().AllocatedPort = 8081;

        var table = StartTable.Render(
        [
            (first, new() { State = KnownResourceStates.Running, HealthStatus = HealthStatus.Healthy }),
            (second, new() { State = KnownResourceStates.Exited, ExitCode = 3 }),
        ]);

        Assert.Equal(
            [
                "  Resource  State             URLs",
                "  first     Running, Healthy  http://localhost:8081",
                "  another   Exited (3)",
            ],
            table.TrimEnd().Split(Environment.NewLine));
    }

    // Unhealthy may also mean that nothing listens yet.
    private static async Task WaitForAnswerAsync(PuppetStage stage, string name)
    {
        while (true)
        {
            try
            {
                await stage.AskAsync<int>(name, "/pid");
                return;
            }
            catch (HttpRequestException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Cancellation);
            }
        }
    }
}
