using Tests.Words;

namespace Tests.Deployment;

/// <summary>Programs of Debian that <c>.ci/run</c> brings. Elsewhere a test that needs one is skipped where it is missing.</summary>
internal static class Tool
{
    public static string Find(string name)
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Append(Path.Combine(Prose.Root, "artifacts", name, "usr", "bin"));
        if (folders.Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists) is { } found)
        {
            return found;
        }

        Assert.False(Environment.GetEnvironmentVariable("CI") == "true", $"{name} is missing: .ci/run brings it.");
        Assert.Skip($"{name} is not installed: .ci/run brings it.");
        return "";
    }
}
