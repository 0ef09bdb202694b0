using System.Diagnostics;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Local;

namespace Tests.Hosting.Local;

public sealed class StopTests
{
    private const int Limit = 120_000;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact(Timeout = Limit)]
    public async Task A_service_that_hears_SIGTERM_ends_by_itself()
    {
        await using var stage = new PuppetStage();
        stage.Add("puppet");
        await stage.StartAsync();
        using var process = await stage.ProcessAsync("puppet");

        await stage.App.StopAsync(Cancellation);

        Assert.True(process.HasExited);
        var latest = await stage.App.ResourceNotifications.WaitForResourceAsync("puppet", _ => true, Cancellation);
        Assert.Equal(KnownResourceStates.Finished, latest.Snapshot.State?.Text);
        Assert.Equal(0, latest.Snapshot.ExitCode);
    }

    [Fact(Timeout = Limit)]
    public async Task Services_that_ignore_SIGTERM_are_killed_together_after_the_grace()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no SIGTERM.");
        await using var stage = new PuppetStage();
        stage.Add("first").WithEnvironment("PUPPET_IGNORES_SIGTERM", "1");
        stage.Add("second").WithEnvironment("PUPPET_IGNORES_SIGTERM", "1");
        await stage.StartAsync();
        using var first = await stage.ProcessAsync("first");
        using var second = await stage.ProcessAsync("second");
        var start = TimeProvider.System.GetTimestamp();

        await stage.App.StopAsync(Cancellation);

        Assert.True(first.HasExited && second.HasExited);
        Assert.True(TimeProvider.System.GetElapsedTime(start) >= ChildProcess.Grace, "They were given less than the grace.");
        var latest = await stage.App.ResourceNotifications.WaitForResourceAsync("first", _ => true, Cancellation);
        Assert.Equal(128 + 9, latest.Snapshot.ExitCode);
    }

    [Fact(Timeout = Limit)]
    public async Task Disposing_of_the_application_stops_it()
    {
        Process process;
        await using (var stage = new PuppetStage())
        {
            stage.Add("puppet");
            await stage.StartAsync();
            process = await stage.ProcessAsync("puppet");
        }

        Assert.True(process.HasExited);
        process.Dispose();
    }

    [Fact(Timeout = Limit)]
    public async Task Nothing_is_left_when_the_AppHost_is_killed()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There, what a killed AppHost started goes on.");
        using var data = new TemporaryDirectory();
        using var host = AppHostProcess.Start("DcpPublisher:RandomizePorts=true", $"DATA_DIR={data.Path}");
        var urls = await host.UrlsOfHealthyServicesAsync(services: 2, Cancellation);

        host.Kill();

        using var client = new HttpClient();
        foreach (var url in urls)
        {
            await GoneAsync(client, url);
        }

        static async Task GoneAsync(HttpClient client, Uri url)
        {
            while (await AnswersAsync(client, url))
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Cancellation);
            }
        }
    }

    [Fact(Timeout = Limit)]
    public async Task SIGTERM_to_the_AppHost_stops_all_and_it_exits_with_0()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no SIGTERM.");
        using var data = new TemporaryDirectory();
        using var host = AppHostProcess.Start("DcpPublisher:RandomizePorts=true", $"DATA_DIR={data.Path}");
        var urls = await host.UrlsOfHealthyServicesAsync(services: 2, Cancellation);

        Assert.Equal(0, await host.TerminateAsync(Cancellation));

        using var client = new HttpClient();
        foreach (var url in urls)
        {
            Assert.False(await AnswersAsync(client, url));
        }
    }

    private static async Task<bool> AnswersAsync(HttpClient client, Uri url)
    {
        try
        {
            using var answer = await client.GetAsync(url, Cancellation);
            return true;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
