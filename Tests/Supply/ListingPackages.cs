using Tests.Deployment;
using Tests.Words;

namespace Tests.Supply;

/// <summary>The bills of materials, as <c>eng/sbom</c> writes them.</summary>
public sealed class ListingPackages
{
    private static readonly string[] Services = ["Middleware.Api", "ExternalAlerts.Api"];

    [Fact]
    public async Task A_bill_lists_the_packages_that_a_service_ships_and_no_other_each_with_its_licence_and_hash()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "eng/sbom is a script of bash.");
        using var folder = new TemporaryDirectory();

        await Command.RunAsync(Prose.Root, Path.Combine(Prose.Root, "eng", "sbom"), [folder.Path]).Succeeds();
        foreach (var service in Services)
        {
            var bill = Read(Path.Combine(folder.Path, service + ".cdx.json"));
            Assert.Equal("CycloneDX", (string?)bill["bomFormat"]);
            Assert.Equal(service, (string?)bill["metadata"]!["component"]!["name"]);
            Assert.Equal(DeployedFiles.Version, (string?)bill["metadata"]!["component"]!["version"]);

            var components = bill["components"]!.AsArray();
            Assert.Equal(Shipped(service), components.Select(static component => $"{component!["name"]}/{component["version"]}").Order(StringComparer.Ordinal));
            Assert.All(components, static component =>
            {
                Assert.NotEmpty(component!["licenses"]!.AsArray());
                Assert.Equal("SHA-512", (string?)component["hashes"]![0]!["alg"]);
                Assert.Equal($"pkg:nuget/{component["name"]}@{component["version"]}", (string?)component["purl"]);
            });
        }
    }

    /// <summary>The packages by which the runtime starts the service.</summary>
    private static IEnumerable<string> Shipped(string service) => Read(Path.Combine(ServiceProcess.FolderOf(service), service + ".deps.json"))["libraries"]!.AsObject()
        .Where(static library => (string?)library.Value!["type"] == "package").Select(static library => library.Key).Order(StringComparer.Ordinal);

    private static JsonNode Read(string path) => JsonNode.Parse(File.ReadAllText(path))!;
}
