using Tests.Supply;
using Tests.Words;

namespace Tests.Deployment;

/// <summary>Programs of Debian that <c>.ci/run</c> brings. Elsewhere a test that needs one is skipped where it is missing.</summary>
internal static class Tool
{
    public static string Find(string name)
    {
        var brought = Path.Combine(Prose.Root, "artifacts", name, "usr", "bin", name);
        if ((Command.Find(name) ?? (File.Exists(brought) ? brought : null)) is { } found)
        {
            return found;
        }

        Assert.False(Environment.GetEnvironmentVariable("CI") == "true", $"{name} is missing: .ci/run brings it.");
        Assert.Skip($"{name} is not installed: .ci/run brings it.");
        return "";
    }
}
