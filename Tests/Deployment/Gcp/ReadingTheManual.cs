using Tests.Words;

namespace Tests.Deployment.Gcp;

/// <summary>The manual guide against the scripts: it has their commands, in their words, and all those that make something.</summary>
public sealed class ReadingTheManual
{
    private static readonly string[] Making =
    [
        "gcloud services enable ", "gcloud iam ", "gcloud compute networks ", "gcloud compute addresses ", "gcloud compute firewall-rules ", "gcloud compute resource-policies ",
        "gcloud compute disks ", "gcloud compute instances ", "mkfs.", "mkdir --parents /", "install --directory ", "echo '", "mount /", "useradd ", "cp --recursive ", "chmod ", "ln ", "mv ", "(umask ", "systemctl ", "dotnet publish ", "tar --create ",
    ];

    private static HashSet<string> OfScripts => [.. ((string[])[Scripts.Deploy, Scripts.Install, Scripts.Package]).SelectMany(Scripts.LinesOf)];

    [Fact]
    public void Every_step_of_the_manual_is_a_command_of_the_scripts() => Prose.AssertNone(Strange(Scripts.Read(Scripts.Manual)));

    [Fact]
    public void Every_command_of_the_scripts_that_makes_something_is_a_step_of_the_manual()
    {
        var steps = Scripts.BlocksOf(Scripts.Manual, "sh").ToHashSet();

        Assert.InRange(steps.Count, 40, int.MaxValue);
        Prose.AssertNone(OfScripts.Where(line => Making.Any(start => line.StartsWith(start, StringComparison.Ordinal)) && !steps.Contains(line)));
    }

    [Fact]
    public void The_manual_needs_no_script() =>
        Prose.AssertNone(Scripts.BlocksOf(Scripts.Manual, "sh").Concat(Scripts.BlocksOf(Scripts.Manual, "bash")).Where(static line => line.Contains("deploy.sh", StringComparison.Ordinal) || line.StartsWith("bash ", StringComparison.Ordinal)));

    /// <summary>The test of the test: a flag that the script has not.</summary>
    [Fact]
    public void A_step_that_differs_from_the_script_is_found() =>
        Assert.Equal(
            ["gcloud compute networks create aspire --subnet-mode=auto"],
            Strange(Scripts.Read(Scripts.Manual).Replace("create aspire --subnet-mode=custom", "create aspire --subnet-mode=auto", StringComparison.Ordinal)));

    private static IEnumerable<string> Strange(string manual) => Scripts.BlocksIn(manual, "sh").Where(line => !OfScripts.Contains(line));
}
