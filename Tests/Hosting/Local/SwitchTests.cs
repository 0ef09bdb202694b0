using System.Diagnostics;
using System.IO.Compression;
using Aspire.Hosting.Local;

namespace Tests.Hosting.Local;

/// <summary>The choice between Aspire's packages and the stand-in, on a marker, a package source and a package folder of its own.</summary>
public sealed class SwitchTests : IDisposable
{
    private const int Limit = 120_000;

    private readonly TemporaryDirectory _directory = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string Marker => Path.Combine(_directory.Path, "artifacts", "aspire");

    public void Dispose() => _directory.Dispose();

    [Theory(Timeout = Limit)]
    [InlineData(null, null, "unknown")]
    [InlineData("available", null, "packages")]
    [InlineData("unavailable", null, "local")]
    [InlineData("unavailable", "packages", "packages")]
    [InlineData("available", "local", "local")]
    public async Task The_caller_decides_and_then_the_marker(string? marker, string? caller, string expected)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Marker)!);
        if (marker is not null)
        {
            await File.WriteAllTextAsync($"{Marker}.{marker}", string.Empty, Cancellation);
        }

        var output = await MSBuildAsync("-getProperty:AspireHosting", caller is null ? "-p:Nothing=1" : $"-p:AspireHosting={caller}");

        Assert.Equal(expected, output.Trim());
    }

    [Fact(Timeout = Limit)]
    public async Task A_package_that_is_not_there_is_told_as_such()
    {
        var output = await ProbeAsync(Directory.CreateDirectory(Path.Combine(_directory.Path, "source")).FullName);

        Assert.Contains("the package registry has no Aspire.AppHost.Sdk (NU1101)", output, StringComparison.Ordinal);
        Assert.Contains("To try again, delete artifacts/aspire-", output, StringComparison.Ordinal);
        Assert.True(File.Exists($"{Marker}.unavailable"));
    }

    [Fact(Timeout = Limit)]
    public async Task A_version_that_is_not_there_is_told_as_such()
    {
        var output = await ProbeAsync(SourceWith("0.0.1"));

        Assert.Contains("the package registry has Aspire.AppHost.Sdk, but not version", output, StringComparison.Ordinal);
        Assert.True(File.Exists($"{Marker}.unavailable"));
    }

    [Fact(Timeout = Limit)]
    public async Task A_registry_that_cannot_be_reached_is_told_as_such()
    {
        var output = await ProbeAsync(Path.Combine(_directory.Path, "no-such-source"));

        Assert.Contains("could not be reached or refused to answer (NU1301)", output, StringComparison.Ordinal);
        Assert.True(File.Exists($"{Marker}.unavailable"));
    }

    [Fact(Timeout = Limit)]
    public async Task A_package_that_is_there_is_taken_without_a_word()
    {
        var version = (await MSBuildAsync("-getProperty:AspireVersion")).Trim();

        var output = await ProbeAsync(SourceWith(version));

        Assert.DoesNotContain("Aspire", output, StringComparison.Ordinal);
        Assert.True(File.Exists($"{Marker}.available"));
        Assert.Equal(["aspire.available"], Directory.EnumerateFileSystemEntries(Path.GetDirectoryName(Marker)!).Select(Path.GetFileName));
    }

    [Fact(Timeout = Limit)]
    public async Task Builds_that_probe_at_once_agree()
    {
        var source = Directory.CreateDirectory(Path.Combine(_directory.Path, "source")).FullName;

        await Task.WhenAll(ProbeAsync(source), ProbeAsync(source), ProbeAsync(source));

        Assert.Equal(["aspire.unavailable"], Directory.EnumerateFileSystemEntries(Path.GetDirectoryName(Marker)!).Select(Path.GetFileName));
    }

    private string SourceWith(string version)
    {
        var source = Directory.CreateDirectory(Path.Combine(_directory.Path, "source")).FullName;
        using var package = ZipFile.Open(Path.Combine(source, $"aspire.apphost.sdk.{version}.nupkg"), ZipArchiveMode.Create);
        using var text = new StreamWriter(package.CreateEntry("Aspire.AppHost.Sdk.nuspec").Open());
        text.Write($"""
            <package><metadata><id>Aspire.AppHost.Sdk</id><version>{version}</version>
            <authors>tests</authors><description>empty</description></metadata></package>
            """);
        return source;
    }

    private Task<string> ProbeAsync(string source) => MSBuildAsync("-t:ProbeAspirePackages", $"-p:RestoreSources={source}");

    private async Task<string> MSBuildAsync(params string[] arguments)
    {
        using var build = Process.Start(new ProcessStartInfo(DotnetHost.Path,
        [
            "msbuild", Path.Combine(PuppetProject.Root, "eng", "Aspire.targets"), "-nologo", "-nodeReuse:false", $"-p:AspireMarker={Marker}", .. arguments,
        ])
        {
            RedirectStandardOutput = true,
            Environment = { ["NUGET_PACKAGES"] = Path.Combine(_directory.Path, "packages") },
        })!;
        var output = await build.StandardOutput.ReadToEndAsync(Cancellation);
        await build.WaitForExitAsync(Cancellation);
        Assert.True(build.ExitCode == 0, output);
        return output;
    }
}
