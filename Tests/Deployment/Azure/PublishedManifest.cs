using System.Text.Json.Nodes;
using Tests.Words;

namespace Tests.Deployment.Azure;

/// <summary>The manifest that the AppHost publishes for <c>azd</c>, and the one in the tree.</summary>
internal static class PublishedManifest
{
    public const string File = "Tests/Deployment/Azure/manifest.json";

    /// <summary>Secrets of the person who publishes, by the variable: a manifest has none of them.</summary>
    public static readonly IReadOnlyDictionary<string, string> Secrets = new Dictionary<string, string>
    {
        ["Parameters__admin-key"] = "canary-admin-key",
        ["Parameters__master-key"] = "canary-master-key",
        ["ADMIN_KEY"] = "canary-admin-setting",
        ["MASTER_KEY"] = "canary-master-setting",
        ["ConnectionStrings__events"] = "Host=canary-host;Password=canary-password",
    };

    /// <summary>Publishes it as <c>azd</c> does. Paths are those in the repository.</summary>
    public static async Task<string> PublishAsync()
    {
        using var folder = new TemporaryDirectory();
        var file = Path.Combine(folder.Path, "manifest.json");
        using var appHost = ServiceProcess.Begin("AppHost", Secrets.Select(static secret => $"{secret.Key}={secret.Value}"), ["--publisher", "manifest", "--output-path", file]);
        Assert.True(await appHost.ExitCodeAsync() == 0, string.Join('\n', appHost.Output.Concat(appHost.Errors)));

        var manifest = JsonNode.Parse(await System.IO.File.ReadAllTextAsync(file, Waiting.Cancellation))!;
        foreach (var resource in manifest["resources"]!.AsObject().Select(static resource => resource.Value!.AsObject()).Where(static resource => resource.ContainsKey("path")))
        {
            resource["path"] = Path.GetRelativePath(Prose.Root, Path.GetFullPath((string)resource["path"]!, folder.Path)).Replace('\\', '/');
        }

        return manifest.ToJsonString(new() { WriteIndented = true, NewLine = "\n", Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }) + "\n";
    }

    /// <summary>The one in the tree, perhaps with a fault.</summary>
    public static JsonNode Read(DeployedFiles files) => JsonNode.Parse(files.Read(File))!;

    /// <summary>The lines that were taken away and added, with the line before each group of them.</summary>
    public static string Difference(string[] before, string[] after)
    {
        // The longest common part of the rest from each pair of lines on.
        var common = new int[before.Length + 1, after.Length + 1];
        for (var i = before.Length - 1; i >= 0; i--)
        {
            for (var j = after.Length - 1; j >= 0; j--)
            {
                common[i, j] = before[i] == after[j] ? common[i + 1, j + 1] + 1 : Math.Max(common[i + 1, j], common[i, j + 1]);
            }
        }

        var (lines, at, to, last) = (new List<string>(), 0, 0, "");
        while (at < before.Length || to < after.Length)
        {
            if (at < before.Length && to < after.Length && before[at] == after[to])
            {
                (at, to, last) = (at + 1, to + 1, $"  {before[at]}");
                continue;
            }

            if (last.Length > 0)
            {
                lines.Add(last);
                last = "";
            }

            lines.Add(to == after.Length || (at < before.Length && common[at + 1, to] >= common[at, to + 1]) ? $"- {before[at++]}" : $"+ {after[to++]}");
        }

        return string.Join('\n', lines);
    }
}
