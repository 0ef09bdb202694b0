using Tests.Words;

namespace Tests.Deployment;

/// <summary>The Makefile. <c>.ci/verbs</c> runs each of its targets, and <c>.ci/run</c> the one that formats.</summary>
public class GivingVerbs
{
    private static readonly string[] Targets =
    ["build", "build-middleware", "build-external", "test", "test-docker", "run-middleware", "run-external", "docker-up", "docker-down", "docker-logs", "fmt", "bench"];

    [Fact]
    public void Each_verb_is_a_line_and_each_of_them_is_run_by_CI() => Prose.AssertNone(Faults(new()));

    [Theory]
    [InlineData("Makefile", "docker-logs:", "docker-log:", "there is no docker-logs")]
    [InlineData("Makefile", ".PHONY: build ", ".PHONY: ", "build may be a file")]
    [InlineData("Makefile", "\tdeploy/compose/try", "\tdeploy/compose/try\n\tdeploy/compose/try", "test-docker has 2 lines")]
    [InlineData("Makefile", "eng/images", "eng/image", "there is no eng/image")]
    [InlineData(".ci/run", "make fmt\n", "dotnet format\n", "fmt is not run by CI")]
    [InlineData(".ci/verbs", "make bench ", "bench ", "bench is not run by CI")]
    public void A_fault_is_found(string file, string text, string other, string fault) => Assert.Contains(fault, Faults(new((file, text, other))));

    private static IEnumerable<string> Faults(DeployedFiles files)
    {
        var lines = files.Read("Makefile").Split('\n');
        var run = files.Read(".ci/verbs") + files.Read(".ci/run");
        foreach (var target in Targets)
        {
            var at = Array.FindIndex(lines, line => line.StartsWith(target + ":", StringComparison.Ordinal));
            if (at < 0)
            {
                yield return $"there is no {target}";
                continue;
            }

            var commands = lines.Skip(at + 1).TakeWhile(static line => line.StartsWith('\t')).Count();
            if (commands > 1 || (commands == 0 && lines[at].EndsWith(':')))
            {
                yield return $"{target} has {commands} lines";
            }

            if (!lines.Any(line => line.StartsWith(".PHONY:", StringComparison.Ordinal) && line.Split(' ').Contains(target)))
            {
                yield return $"{target} may be a file";
            }

            var isRun = target.Contains("docker", StringComparison.Ordinal)
                ? run.Contains($" {target}", StringComparison.Ordinal)
                : run.Contains($"make {target}", StringComparison.Ordinal) || target is "build-middleware" or "build-external";
            if (!isRun)
            {
                yield return $"{target} is not run by CI";
            }
        }

        foreach (var path in lines.Where(static line => line.StartsWith('\t')).SelectMany(static line => line.Trim().Split(' ')).Where(static word => word.StartsWith("eng/", StringComparison.Ordinal) || word.StartsWith("deploy/", StringComparison.Ordinal)))
        {
            if (!DeployedFiles.Exists(path))
            {
                yield return $"there is no {path}";
            }
        }
    }
}
