using System.Formats.Tar;
using System.IO.Compression;
using System.Runtime.Versioning;
using Tests.Supply;
using Tests.Words;

namespace Tests.Deployment.Gcp;

/// <summary>package.sh with programs of the test in the place of native code.</summary>
[SupportedOSPlatform("linux")]
public sealed class PackingForMachines : InAFolder
{
    public PackingForMachines()
    {
        Assert.SkipUnless(File.Exists("/bin/bash") && OperatingSystem.IsLinux(), "The script needs bash and the tools of Linux.");
        Write("GLIBC_2.34");
    }

    [Fact]
    public async Task The_tarball_has_programs_units_and_the_installation()
    {
        var output = await PackAsync().Succeeds();
        Assert.Equal(
            ["ExternalAlerts.Api/ExternalAlerts.Api", "Middleware.Api/Middleware.Api", "VERSION", "aspire-middleware.service", "aspire-receiver.service", "install.sh"],
            Entries(output.Trim()).Where(static entry => entry.EntryType is TarEntryType.RegularFile or TarEntryType.V7RegularFile)
                .Select(static entry => entry.Name["aspire-integration/".Length..]).Order(StringComparer.Ordinal));
        Assert.All(Entries(output.Trim()), static entry => Assert.Equal((0, 0), (entry.Uid, entry.Gid)));
    }

    [Fact]
    public async Task The_same_content_has_the_same_version()
    {
        var first = VersionOf((await PackAsync()).Output.Trim());
        var second = VersionOf((await PackAsync()).Output.Trim());
        Write("GLIBC_2.35");
        var other = VersionOf((await PackAsync()).Output.Trim());

        Assert.Matches("^[0-9a-f]{16}\n$", first);
        Assert.Equal(first, second);
        Assert.NotEqual(first, other);
    }

    [Fact]
    public async Task Programs_for_a_newer_system_are_refused()
    {
        Write("GLIBC_2.39");

        Assert.Equal((1, "package.sh: the programs need version 2.39 of the C library, and the machines have 2.36: make the package on Debian 12.\n"), await PackAsync());
    }

    private Task<(int ExitCode, string Output)> PackAsync() => Command.RunAsync(
        Folder.Path, "/bin/bash", [Path.Combine(Prose.Root, Scripts.Package)],
        ("PACKAGE_FROM", Path.Combine(Folder.Path, "programs")), ("PACKAGE_TO", Path.Combine(Folder.Path, "made")));

    private void Write(string needed)
    {
        foreach (var name in (string[])["Middleware.Api", "ExternalAlerts.Api"])
        {
            var program = Path.Combine(Folder.Path, "programs", name, name);
            Scripts.WriteProgram(program, $"#!/bin/sh\n# GLIBC_2.2.5 {needed}\n");
            File.WriteAllText(program + ".dbg", "symbols");
        }
    }

    private static string VersionOf(string package)
    {
        var entry = Entries(package).Single(static entry => entry.Name == "aspire-integration/VERSION");
        return new StreamReader(entry.DataStream!).ReadToEnd();
    }

    private static List<TarEntry> Entries(string package)
    {
        using var zip = new GZipStream(File.OpenRead(package), CompressionMode.Decompress);
        using var tar = new TarReader(zip);
        var entries = new List<TarEntry>();
        while (tar.GetNextEntry(copyData: true) is { } entry)
        {
            entries.Add(entry);
        }

        return entries;
    }
}
