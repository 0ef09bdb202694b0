using Tests.Supply;

namespace Tests.Deployment.Gcp;

public sealed class RefusingArguments : IDisposable
{
    private readonly CloudDouble _cloud = new();

    public void Dispose() => _cloud.Dispose();

    [Theory]
    [InlineData("--zone", "--zone needs a value, such as --zone asia-southeast1-a.")]
    [InlineData("--zone=", "--zone needs a value, such as --zone asia-southeast1-a.")]
    [InlineData("--zone --dry-run", "--zone needs a value, such as --zone asia-southeast1-a.")]
    [InlineData("--zone asia-southeast1-a --zone=asia-southeast1-b", "--zone is given twice.")]
    [InlineData("--zone singapore", "--zone: \"singapore\" is not a zone; expected one such as asia-southeast1-a.")]
    [InlineData("--zone asia-southeast1", "--zone: \"asia-southeast1\" is not a zone; expected one such as asia-southeast1-a.")]
    [InlineData("--zone ASIA-SOUTHEAST1-A", "--zone: \"ASIA-SOUTHEAST1-A\" is not a zone; expected one such as asia-southeast1-a.")]
    [InlineData("--project", "--project needs a value, such as --project my-project-1.")]
    [InlineData("--project My_Project", "--project: \"My_Project\" is not an id of a project; expected 6 to 30 of a-z, 0-9 and -, such as my-project-1.")]
    [InlineData("--project ab", "--project: \"ab\" is not an id of a project; expected 6 to 30 of a-z, 0-9 and -, such as my-project-1.")]
    [InlineData("--package missing.tar.gz", "--package: \"missing.tar.gz\" is not a file; expected the tarball of package.sh.")]
    [InlineData("--package /bin/bash", "--package: \"/bin/bash\" has no aspire-integration/VERSION; expected the tarball of package.sh.")]
    [InlineData("--allow 203.0.113.0", "--allow: \"203.0.113.0\" is not a network; expected networks such as 203.0.113.0/24,198.51.100.7/32, or none.")]
    [InlineData("--allow 203.0.113.256/24", "--allow: \"203.0.113.256/24\" is not a network; expected networks such as 203.0.113.0/24,198.51.100.7/32, or none.")]
    [InlineData("--allow 203.0.113.0/33", "--allow: \"203.0.113.0/33\" is not a network; expected networks such as 203.0.113.0/24,198.51.100.7/32, or none.")]
    [InlineData("--allow 203.0.113.0/24,", "--allow: \"203.0.113.0/24,\" has an empty entry; expected networks such as 203.0.113.0/24,198.51.100.7/32.")]
    [InlineData("--delete-data", "--delete-data goes with --destroy.")]
    [InlineData("--destroy --allow none", "--package and --allow do not go with --destroy.")]
    [InlineData("--force", "\"--force\" is not an option; expected --project, --zone, --package, --allow, --dry-run, --destroy, --delete-data or --help.")]
    [InlineData("up", "\"up\" is not an option; expected --project, --zone, --package, --allow, --dry-run, --destroy, --delete-data or --help.")]
    public async Task A_bad_argument_is_one_line_and_exit_code_2(string arguments, string line)
    {
        var (exitCode, output) = await _cloud.RunAsync(arguments.Contains("--project", StringComparison.Ordinal) ? arguments : $"{arguments} --project {CloudDouble.Project}");

        Assert.Equal($"deploy.sh: {line}\n", output);
        Assert.Equal(2, exitCode);
        Assert.Empty(_cloud.Changes);
    }

    [Fact]
    public async Task Without_a_project_it_is_one_line()
    {
        var (exitCode, output) = await _cloud.RunAsync("--dry-run");

        Assert.Equal("deploy.sh: no project; give --project ID, or set one with \"gcloud config set project ID\".\n", output);
        Assert.Equal(2, exitCode);
    }

    [Fact]
    public async Task The_project_of_the_configuration_is_taken()
    {
        var output = await _cloud.RunAsync("--dry-run", variables: $"CONFIGURED_PROJECT={CloudDouble.Project}").Succeeds();
        Assert.Contains("would run: ", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--project other-project --dry-run", "", "no answer")]
    [InlineData("--project my-project --zone mars-north1-a", "", "\"mars-north1-a\" is not a zone of Google Cloud; \"gcloud compute zones list\" has all.")]
    [InlineData("--project my-project", "ACCOUNT=", "gcloud has no account; run \"gcloud auth login\".")]
    public async Task A_project_zone_or_account_that_is_not_there_is_named(string arguments, string variable, string line)
    {
        var (exitCode, output) = await _cloud.RunAsync($"{arguments} --package {_cloud.Package}", variables: variable.Length > 0 ? [variable] : []);

        Assert.Equal(1, exitCode);
        Assert.Contains($"deploy.sh: {line}", output, StringComparison.Ordinal);
        Assert.DoesNotContain(_cloud.Changes, static call => call.Contains("create", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_help_names_all_options()
    {
        var (exitCode, output) = await _cloud.RunAsync("--help");

        Assert.Equal(0, exitCode);
        Assert.All(["--project", "--zone", "--package", "--allow", "--dry-run", "--destroy", "--delete-data", "--help"], option => Assert.Contains(option, output, StringComparison.Ordinal));
    }
}
