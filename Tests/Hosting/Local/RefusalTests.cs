using Aspire.Hosting;

namespace Tests.Hosting.Local;

public sealed class RefusalTests
{
    private const int Limit = 120_000;

    private const string NeedsPackages =
        "That needs the Aspire packages, and this AppHost was built without them (see docs/decisions/0001-aspire-stand-in.md).";

    [Fact(Timeout = Limit)]
    public async Task Replicas_are_refused()
    {
        await using var stage = new PuppetStage();
        stage.Add("puppet").WithReplicas(3);

        var refusal = await Assert.ThrowsAsync<DistributedApplicationException>(stage.StartAsync);

        Assert.Equal($"3 replicas of 'puppet' were asked for. {NeedsPackages}", refusal.Message);
    }

    [Theory(Timeout = Limit)]
    [InlineData("--publisher", "manifest")]
    [InlineData("--operation", "publish")]
    public async Task Publishing_is_refused_in_one_line_and_exit_code_1(string option, string value)
    {
        using var host = AppHostProcess.Start(option, value, "--output-path", "nowhere.json");

        var (exitCode, error) = await host.EndAsync(TestContext.Current.CancellationToken);

        Assert.Equal(1, exitCode);
        Assert.Equal($"Publishing was asked for. {NeedsPackages}", error);
    }

    [Fact(Timeout = Limit)]
    public async Task Publishing_asks_for_the_store_s_connection_string()
    {
        await using var builder = await Aspire.Hosting.Testing.DistributedApplicationTestingBuilder.CreateAsync<Projects.AppHost>(
            ["--operation", "publish"], TestContext.Current.CancellationToken);

        Assert.True(builder.ExecutionContext.IsPublishMode);
        Assert.Contains(builder.Resources, resource => resource.Name == "events");
    }

    [Fact(Timeout = Limit)]
    public async Task A_builder_that_is_never_built_lets_the_entry_point_go()
    {
        var builder = await Aspire.Hosting.Testing.DistributedApplicationTestingBuilder.CreateAsync<Projects.AppHost>(
            [], TestContext.Current.CancellationToken);

        await builder.DisposeAsync();

        await Assert.ThrowsAsync<OperationCanceledException>(() => builder.BuildAsync(TestContext.Current.CancellationToken));
    }
}
