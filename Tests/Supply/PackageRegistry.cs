using System.IO.Compression;
using Microsoft.AspNetCore.Http;

namespace Tests.Supply;

/// <summary>
/// A registry of NuGet's protocol, version 3, on the loopback. It has packages without content, each of version 1.0.0, and advisories where it is asked for
/// those.
/// </summary>
internal sealed class PackageRegistry : IAsyncDisposable
{
    /// <summary>The package that depends on all others.</summary>
    public const string Outer = "Outer";

    /// <summary>The packages with an advisory, by its severity.</summary>
    public static readonly string[] Vulnerable = ["Low", "Moderate", "High", "Critical"];

    private readonly WebReceiver _server;

    private PackageRegistry(WebReceiver server) => _server = server;

    public Uri Index => _server.At("/index.json");

    public static async Task<PackageRegistry> StartAsync(bool hasAdvisories) => new(await WebReceiver.StartAsync(context => AnswerAsync(context, hasAdvisories)));

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private static Task AnswerAsync(HttpContext context, bool hasAdvisories)
    {
        var (path, root) = (context.Request.Path.Value!, $"http://{context.Request.Host}");
        return path.Split('/') switch
        {
            ["", "index.json"] => context.Response.WriteAsync(IndexOf(root, hasAdvisories), context.RequestAborted),
            ["", "advisories", "index.json"] => context.Response.WriteAsync(
                $$"""[{"@name":"base","@id":"{{root}}/advisories/base.json","@updated":"2026-01-01T00:00:00Z","comment":"all"}]""", context.RequestAborted),
            ["", "advisories", "base.json"] => context.Response.WriteAsync("{" + string.Join(',', Vulnerable.Select(Advisory)) + "}", context.RequestAborted),
            ["", "packages", _, "index.json"] => context.Response.WriteAsync("""{"versions":["1.0.0"]}""", context.RequestAborted),
            ["", "packages", var id, _, _] when path.EndsWith(".nupkg", StringComparison.Ordinal) => context.Response.Body.WriteAsync(PackageOf(id), context.RequestAborted).AsTask(),
            _ => WebReceiver.AnswerAsync(context, StatusCodes.Status404NotFound),
        };
    }

    private static string IndexOf(string root, bool hasAdvisories)
    {
        var advisories = hasAdvisories ? $$""",{"@id":"{{root}}/advisories/index.json","@type":"VulnerabilityInfo/6.7.0"}""" : "";
        return $$"""{"version":"3.0.0","resources":[{"@id":"{{root}}/packages/","@type":"PackageBaseAddress/3.0.0"}{{advisories}}]}""";
    }

    private static string Advisory(string id, int severity) =>
        $$"""{{'"'}}{{id.ToLowerInvariant()}}":[{"severity":{{severity}},"url":"https://example.com/{{id}}","versions":"(, 2.0.0)"}]""";

    private static byte[] PackageOf(string id)
    {
        var others = id.Equals(Outer, StringComparison.OrdinalIgnoreCase) ? string.Concat(Vulnerable.Select(static other => $"""<dependency id="{other}" version="1.0.0" />""")) : "";
        using var bytes = new MemoryStream();
        using (var package = new ZipArchive(bytes, ZipArchiveMode.Create))
        {
            using (var manifest = new StreamWriter(package.CreateEntry($"{id}.nuspec").Open()))
            {
                manifest.Write(
                    $"""
                    <package xmlns="http://schemas.microsoft.com/packaging/2013/05/nuspec.xsd">
                      <metadata>
                        <id>{id}</id><version>1.0.0</version><authors>tests</authors><description>Made by a test.</description>
                        <dependencies><group targetFramework="net10.0">{others}</group></dependencies>
                      </metadata>
                    </package>
                    """);
            }

            package.CreateEntry("lib/net10.0/_._").Open().Dispose();
        }

        return bytes.ToArray();
    }
}
