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
}
