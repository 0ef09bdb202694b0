using System.Xml.Linq;
using Tests.Words;

namespace Tests.Deployment;

/// <summary>The files of the repository that deployments are made of. A test may read one with a fault in it.</summary>
/// <param name="Fault">The file, a text in it, and the other text that a test puts in its place.</param>
internal sealed record DeployedFiles((string File, string Text, string Other)? Fault = null)
{
    /// <summary>The version of the images.</summary>
    public static string Version { get; } = XDocument.Load(Path.Combine(Prose.Root, "Directory.Build.props")).Descendants("Version").Single().Value;

    public string Read(string file)
    {
        var text = File.ReadAllText(Path.Combine(Prose.Root, file));
        if (Fault is not { } fault || fault.File != file)
        {
            return text;
        }

        Assert.Contains(fault.Text, text, StringComparison.Ordinal);
        return text.Replace(fault.Text, fault.Other, StringComparison.Ordinal);
    }

    public static bool Exists(string path) => Path.Exists(Path.Combine(Prose.Root, path));

    /// <summary>The port that the image of a service exposes.</summary>
    public int PortOf(string image) => int.Parse(
        XDocument.Parse(Read($"{ProgramOf(image)}/{ProgramOf(image)}.csproj")).Descendants("ImagePort").Single().Value, System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>The program in an image, such as <c>aspire-integration/middleware</c>.</summary>
    public static string ProgramOf(string image) => image.Split('/')[^1].Split(':')[0] switch
    {
        "middleware" => "Middleware.Api",
        "external-endpoint" => "ExternalAlerts.Api",
        "console" => "Console",
        var other => throw new ArgumentException($"there is no image {other}", nameof(image)),
    };

    public static bool IsOurs(string image) => image.StartsWith("aspire-integration/", StringComparison.Ordinal);
}
