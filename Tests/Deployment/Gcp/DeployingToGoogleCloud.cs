using Tests.Supply;

namespace Tests.Deployment.Gcp;

/// <summary>deploy.sh against a double of <c>gcloud</c> that refuses what Google Cloud would: a second thing of a name, and one without what it needs.</summary>
[Trait("Speed", "Slow")]
public sealed class DeployingToGoogleCloud : IDisposable
{
    private const string Ssh = "gcloud compute ssh ";
    private const int MostChanges = 30;

    private static readonly string[] Everything =
    [
        "compute-addresses/aspire-middleware", "compute-disks/aspire-data", "compute-firewall-rules/aspire-alerts", "compute-firewall-rules/aspire-events", "compute-firewall-rules/aspire-ssh",
        "compute-instances/aspire-middleware", "compute-instances/aspire-receiver", "compute-networks-subnets/aspire", "compute-networks/aspire", "compute-resource-policies/aspire-daily",
        "iam-service-accounts/aspire-middleware", "iam-service-accounts/aspire-receiver", "installed-aspire-middleware 1", "installed-aspire-receiver 1",
        "services/compute.googleapis.com", "services/iam.googleapis.com", "services/iap.googleapis.com", "services/oslogin.googleapis.com",
    ];

    private readonly CloudDouble _cloud = new();

    public void Dispose() => _cloud.Dispose();

    [Fact]
    public async Task A_first_run_makes_everything_in_order()
    {
        var output = await _cloud.DeployAsync().Succeeds();
        Assert.Equal(Everything, _cloud.Things);
        Assert.Equal(
            [
                "services enable", "iam service-accounts create", "iam service-accounts create", "compute networks create", "compute networks subnets create", "compute addresses create",
                "compute firewall-rules create", "compute firewall-rules create", "compute firewall-rules create", "compute resource-policies create", "compute disks create",
                "compute instances create", "compute instances create", "compute scp", "compute ssh", "compute scp", "compute ssh",
            ],
            _cloud.Changes.Select(Verb));
        Assert.Contains("203.0.113.7", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_first_run_is_closed_to_the_world()
    {
        await _cloud.DeployAsync();

        Assert.All(_cloud.Changes.Where(static call => call.Contains("firewall-rules create", StringComparison.Ordinal)), static call =>
        {
            Assert.Contains("--target-service-accounts=", call, StringComparison.Ordinal);
            Assert.Matches("--source-(ranges=35.235.240.0/20 |service-accounts=aspire-middleware@my-project)", call);
        });
        Assert.Contains("--no-address", Assert.Single(_cloud.Changes, static call => call.Contains("instances create aspire-receiver", StringComparison.Ordinal)), StringComparison.Ordinal);
        var machines = _cloud.Changes.Where(static call => call.Contains("instances create", StringComparison.Ordinal)).ToList();
        Assert.All(machines, static call => Assert.Contains("--no-scopes", call, StringComparison.Ordinal));
        Assert.All(machines, static call => Assert.Contains("--shielded-secure-boot", call, StringComparison.Ordinal));
        Assert.Contains("auto-delete=no", machines[1], StringComparison.Ordinal);
        Assert.All(_cloud.Calls.Where(static call => call.Contains(" ssh ", StringComparison.Ordinal)), static call => Assert.Contains("--tunnel-through-iap", call, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_second_run_changes_nothing()
    {
        await _cloud.BeDeployedAsync();

        await _cloud.DeployAsync().Succeeds();
        Assert.Empty(_cloud.Changes);
        Assert.NotEmpty(_cloud.Calls);
    }

    [Theory]
    [InlineData("before")]
    [InlineData("after")]
    public async Task After_a_failure_at_any_step_the_next_run_goes_on(string how)
    {
        var failures = 0;
        for (var step = 1; step < MostChanges; step++)
        {
            using var cloud = new CloudDouble();
            var (failed, output) = await cloud.DeployAsync($"FAIL_AT={step}", $"FAIL_HOW={how}");
            if (failed == 0)
            {
                break;
            }

            failures++;
            Assert.Equal(1, failed);
            Assert.Contains("deploy.sh: stopped at: gcloud ", output, StringComparison.Ordinal);
            var done = cloud.Changes;
            Assert.Equal(step, done.Count);
            cloud.ForgetCalls();

            await cloud.DeployAsync().Succeeds();
            Assert.Equal(Everything, cloud.Things);
            Assert.DoesNotContain(cloud.Changes.Intersect(how == "after" ? done : done.SkipLast(1)), static call => !call.Contains(" scp ", StringComparison.Ordinal));
        }

        Assert.Equal(17, failures);
    }

    [Fact]
    public async Task A_list_that_cannot_be_read_stands_for_no_missing_thing()
    {
        foreach (var kind in (string[])["auth", "projects", "compute-zones", "services", "compute-networks", "compute-disks", "compute-instances", "compute-firewall-rules"])
        {
            _cloud.ForgetCalls();
            var (exitCode, output) = await _cloud.DeployAsync($"FAIL_LIST={kind}");

            Assert.Equal(1, exitCode);
            Assert.Contains("deploy.sh: no answer to: gcloud ", output, StringComparison.Ordinal);
            Assert.DoesNotContain(_cloud.Changes, call => call.StartsWith($"gcloud {kind.Replace('-', ' ')} create", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task A_dry_run_changes_nothing_and_prints_what_a_run_does()
    {
        var (exitCode, output) = await _cloud.RunAsync($"--project {CloudDouble.Project} --dry-run");

        Assert.True(exitCode == 0, output);
        Assert.Empty(_cloud.Changes);
        Assert.DoesNotContain(_cloud.Calls, static call => call.StartsWith(Ssh, StringComparison.Ordinal));
        await _cloud.DeployAsync();
        var expected = _cloud.Changes.Where(static call => Verb(call) is not ("compute ssh" or "compute scp")).Select(static call => $"would run: {call}");
        Assert.Equal(expected, output.Split('\n').Where(static line => line.StartsWith("would run: ", StringComparison.Ordinal)));
        Assert.Equal(2, output.Split('\n').Count(static line => line.StartsWith("would install ", StringComparison.Ordinal)));

        _cloud.ForgetCalls();
        (exitCode, output) = await _cloud.RunAsync($"--project {CloudDouble.Project} --dry-run");
        Assert.Equal(0, exitCode);
        Assert.DoesNotContain("would run: ", output, StringComparison.Ordinal);
        Assert.Empty(_cloud.Changes);
    }

    [Fact]
    public async Task Another_version_is_installed_and_nothing_else_changes()
    {
        await _cloud.BeDeployedAsync();
        _cloud.Package = _cloud.MakePackage("2");

        await _cloud.DeployAsync();

        Assert.Equal(["compute scp", "compute ssh", "compute scp", "compute ssh"], _cloud.Changes.Select(Verb));
        Assert.Contains("installed-aspire-middleware 2", _cloud.Things);
    }

    [Fact]
    public async Task A_stopped_machine_is_started()
    {
        await _cloud.BeDeployedAsync();
        _cloud.Edit("compute-instances/aspire-middleware", "RUNNING", "TERMINATED");

        await _cloud.DeployAsync().Succeeds();
        Assert.Equal([$"gcloud compute instances start aspire-middleware --zone={CloudDouble.Zone}"], _cloud.Changes);
    }

    [Fact]
    public async Task The_networks_of_senders_change_only_where_they_are_given()
    {
        await _cloud.DeployAsync();
        foreach (var (allow, changes) in ((string, int)[])[("203.0.113.0/24,198.51.100.7/32", 1), ("198.51.100.7/32,203.0.113.0/24", 0), ("", 0), ("none", 1), ("none", 0)])
        {
            _cloud.ForgetCalls();
            await _cloud.RunAsync($"--project {CloudDouble.Project} --package {_cloud.Package} {(allow.Length > 0 ? $"--allow {allow}" : "")}");

            Assert.Equal(changes, _cloud.Changes.Count);
            Assert.All(_cloud.Changes, static call => Assert.StartsWith("gcloud compute firewall-rules update aspire-events --source-ranges=35.235.240.0/20", call, StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task A_disk_without_the_schedule_of_snapshots_gets_it()
    {
        await _cloud.BeDeployedAsync();
        _cloud.Edit("compute-disks/aspire-data", "--resource-policies=aspire-daily", "");

        await _cloud.DeployAsync();

        Assert.Equal(["compute disks add-resource-policies"], _cloud.Changes.Select(Verb));
    }

    [Fact]
    public async Task A_second_data_disk_in_another_zone_is_refused()
    {
        await _cloud.BeDeployedAsync();

        var (exitCode, output) = await _cloud.RunAsync($"--project {CloudDouble.Project} --package {_cloud.Package} --zone asia-southeast1-b");

        Assert.Equal(1, exitCode);
        Assert.Equal("deploy.sh: the data disk is in asia-southeast1-a: give --zone asia-southeast1-a, or move the disk first (docs/deploy/gcp-zones.md).\n", output);
        Assert.Empty(_cloud.Changes);
    }

    [Fact]
    public async Task A_machine_that_starts_is_waited_for()
    {
        await _cloud.DeployAsync("SSH_SILENT=5").Succeeds();
        Assert.Equal(Everything, _cloud.Things);
    }

    [Fact]
    public async Task A_machine_that_takes_no_ssh_ends_the_run()
    {
        var (exitCode, output) = await _cloud.DeployAsync("SSH_SILENT=1000");

        Assert.Equal(1, exitCode);
        Assert.Contains("deploy.sh: aspire-receiver takes no ssh through the tunnel", output, StringComparison.Ordinal);
    }

    /// <summary>The test of these tests: faults that they find.</summary>
    [Theory]
    [InlineData("if missing compute networks list --filter=\"name=aspire\"; then", "if true; then")]
    [InlineData("make_disk\nmake_machines", "make_machines\nmake_disk")]
    [InlineData("[ \"$installed\" != \"$version\" ] || return 0", "")]
    public async Task A_script_that_repeats_itself_or_loses_its_order_is_found(string right, string wrong)
    {
        var arguments = $"--project {CloudDouble.Project} --package {_cloud.Package}";
        var (first, _) = await _cloud.RunFaultyAsync(right, wrong, arguments);
        _cloud.ForgetCalls();
        var (second, _) = await _cloud.RunFaultyAsync(right, wrong, arguments);

        Assert.True(first != 0 || second != 0 || _cloud.Changes.Count > 0);
    }

    [Fact]
    public async Task A_dry_run_that_changes_something_is_found()
    {
        await _cloud.RunFaultyAsync("change gcloud compute disks create", "gcloud compute disks create", $"--project {CloudDouble.Project} --dry-run");
        Assert.Contains(_cloud.Calls, static call => call.Contains("disks create", StringComparison.Ordinal));
    }

    private static string Verb(string call) => string.Join(' ', call.Split(' ')[1..].TakeWhile(static word => word.All(static c => c is '-' || char.IsLower(c))).Take(4)
        .Where(static word => !word.StartsWith("aspire", StringComparison.Ordinal) && word != "snapshot-schedule"));
}
