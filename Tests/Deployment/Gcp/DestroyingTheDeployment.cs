using Tests.Supply;

namespace Tests.Deployment.Gcp;

/// <summary><c>deploy.sh --destroy</c>: it asks, and the data outlives it unless the operator says otherwise.</summary>
[Trait("Speed", "Slow")]
public sealed class DestroyingTheDeployment : IDisposable
{
    private static readonly string[] Kept =
    [
        "compute-disks/aspire-data", "compute-resource-policies/aspire-daily",
        "services/compute.googleapis.com", "services/iam.googleapis.com", "services/iap.googleapis.com", "services/oslogin.googleapis.com",
    ];

    private readonly CloudDouble _cloud = new();

    public void Dispose() => _cloud.Dispose();

    [Fact]
    public async Task Everything_goes_but_the_data_disk_and_its_schedule()
    {
        await _cloud.BeDeployedAsync();

        await _cloud.DestroyAsync().Succeeds();
        Assert.Equal(Kept, _cloud.Things);
        Assert.Equal(10, _cloud.Changes.Count);
        Assert.StartsWith("gcloud compute instances delete aspire-middleware", _cloud.Changes[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_data_disk_goes_where_that_is_asked_for()
    {
        await _cloud.DeployAsync();

        await _cloud.DestroyAsync("--delete-data").Succeeds();
        Assert.Equal(Kept[2..], _cloud.Things);
    }

    [Theory]
    [InlineData("")]
    [InlineData("yes")]
    [InlineData("another-project")]
    public async Task Another_answer_than_the_project_deletes_nothing(string answer)
    {
        await _cloud.BeDeployedAsync();

        var (exitCode, output) = await _cloud.RunAsync($"--project {CloudDouble.Project} --destroy --delete-data", answer);

        Assert.Equal(1, exitCode);
        Assert.Contains("nothing was deleted", output, StringComparison.Ordinal);
        Assert.Empty(_cloud.Changes);
    }

    [Fact]
    public async Task A_dry_run_of_it_asks_nothing_and_deletes_nothing()
    {
        await _cloud.BeDeployedAsync();

        var output = await _cloud.RunAsync($"--project {CloudDouble.Project} --destroy --delete-data --dry-run").Succeeds();
        Assert.Empty(_cloud.Changes);
        Assert.Equal(12, output.Split('\n').Count(static line => line.StartsWith("would run: gcloud ", StringComparison.Ordinal)));
        Assert.DoesNotContain("Type the project", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("before")]
    [InlineData("after")]
    public async Task After_a_failure_at_any_step_the_next_run_goes_on(string how)
    {
        for (var step = 1; step <= 12; step++)
        {
            using var cloud = new CloudDouble();
            await cloud.BeDeployedAsync();
            var (failed, output) = await cloud.DestroyAsync("--delete-data", $"FAIL_AT={step}", $"FAIL_HOW={how}");
            Assert.True(failed == 1, $"step {step}: {output}");
            Assert.Equal(step, cloud.Changes.Count);

            await cloud.DestroyAsync("--delete-data").Succeeds();
            Assert.Equal(Kept[2..], cloud.Things);
        }
    }

    [Fact]
    public async Task A_second_run_changes_nothing()
    {
        await _cloud.DeployAsync();
        await _cloud.DestroyAsync();
        _cloud.ForgetCalls();

        await _cloud.DestroyAsync().Succeeds();
        Assert.Empty(_cloud.Changes);
    }

    [Fact]
    public async Task The_next_deployment_takes_the_kept_disk()
    {
        await _cloud.DeployAsync();
        await _cloud.DestroyAsync();
        _cloud.ForgetCalls();

        await _cloud.DeployAsync().Succeeds();
        Assert.DoesNotContain(_cloud.Changes, static call => call.Contains(" disks ", StringComparison.Ordinal));
        Assert.Contains("installed-aspire-middleware 1", _cloud.Things);
    }

    /// <summary>The test of these tests: a script that deletes the disk in any case.</summary>
    [Fact]
    public async Task A_disk_that_goes_unasked_is_found()
    {
        await _cloud.DeployAsync();

        await _cloud.RunFaultyAsync("if [ -n \"$delete_data\" ]; then\n    delete_disk", "if true; then\n    delete_disk", $"--project {CloudDouble.Project} --destroy", $"INPUT={CloudDouble.Project}");

        Assert.NotEqual(Kept, _cloud.Things);
    }
}
