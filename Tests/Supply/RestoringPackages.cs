using System.Text.RegularExpressions;
using Tests.Words;

namespace Tests.Supply;

/// <summary>The rules of the repository for packages, held against a project that inherits them and registries of the test.</summary>
public sealed partial class RestoringPackages : InAFolder
{
    [Fact]
    public async Task A_package_with_a_known_vulnerability_fails_also_where_another_brings_it()
    {
        await using var registry = await PackageRegistry.StartAsync(hasAdvisories: true);

        var (exitCode, output) = await RestoreAsync("", registry);

        Assert.Equal(1, exitCode);
        Assert.Equal(
            ["NU1901 low", "NU1902 moderate", "NU1903 high", "NU1904 critical"],
            Vulnerability().Matches(output).Select(static match => $"{match.Groups[1].Value} {match.Groups[2].Value}").Distinct().Order());
    }

    [Fact]
    public async Task A_registry_without_advisories_is_good_enough_under_any_name()
    {
        await using var registry = await PackageRegistry.StartAsync(hasAdvisories: false);

        await RestoreAsync("", registry).Succeeds();
    }

    [Fact]
    public async Task Several_registries_fail_until_their_user_maps_packages_to_them()
    {
        await using var one = await PackageRegistry.StartAsync(hasAdvisories: false);
        await using var other = await PackageRegistry.StartAsync(hasAdvisories: false);

        var (unmapped, output) = await RestoreAsync("", one, other);
        Assert.Equal(1, unmapped);
        Assert.Contains("error NU1507", output, StringComparison.Ordinal);

        await RestoreAsync(MappedTo("one"), one, other).Succeeds();
    }

    /// <summary>The reason for which the repository has no mapping (docs/decisions/0019-registries-of-the-user.md).</summary>
    [Fact]
    public async Task A_mapping_to_a_registry_that_the_user_names_in_another_way_refuses_all_packages()
    {
        await using var registry = await PackageRegistry.StartAsync(hasAdvisories: false);

        var (exitCode, output) = await RestoreAsync(MappedTo("nuget.org"), registry);

        Assert.Equal(1, exitCode);
        Assert.Contains("error NU1100", output, StringComparison.Ordinal);
    }

    [Fact]
    public void No_file_of_the_repository_names_a_registry()
    {
        var artifacts = Path.Combine(Prose.Root, "artifacts");
        var found = Directory.EnumerateFiles(Prose.Root, "nuget.config", new EnumerationOptions { RecurseSubdirectories = true, MatchCasing = MatchCasing.CaseInsensitive });
        Prose.AssertNone(found.Where(file => !file.StartsWith(artifacts, StringComparison.Ordinal)));
    }

    private static string MappedTo(string key) =>
        $"""<packageSourceMapping><packageSource key="{key}"><package pattern="*" /></packageSource></packageSourceMapping>""";

    /// <summary>Restores a project of the repository's rules with one package, from these registries alone.</summary>
    private Task<(int ExitCode, string Output)> RestoreAsync(string mapping, params PackageRegistry[] registries)
    {
        Write("Directory.Build.props", $"""<Project><Import Project="{Path.Combine(Prose.Root, "Directory.Build.props")}" /></Project>""");
        Write(
            "Directory.Packages.props",
            $"""
            <Project>
              <PropertyGroup><ManagePackageVersionsCentrally>true</ManagePackageVersionsCentrally></PropertyGroup>
              <ItemGroup><PackageVersion Include="{PackageRegistry.Outer}" Version="1.0.0" /></ItemGroup>
            </Project>
            """);
        Write(
            "Made.csproj",
            $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <ItemGroup><PackageReference Remove="@(PackageReference)" /><PackageReference Include="{PackageRegistry.Outer}" /></ItemGroup>
            </Project>
            """);
        var sources = registries.Select(static (registry, number) => $"""<add key="{(number == 0 ? "one" : "other")}" value="{registry.Index}" allowInsecureConnections="true" />""");
        Write("nuget.config", $"<configuration><packageSources><clear />{string.Concat(sources)}</packageSources><auditSources><clear /></auditSources>{mapping}</configuration>");
        return Command.RunAsync(
            Folder.Path, Command.Dotnet, ["restore", "Made.csproj", "--force", "-nodeReuse:false"],
            ("NUGET_PACKAGES", Path.Combine(Folder.Path, "packages")), ("NUGET_HTTP_CACHE_PATH", Path.Combine(Folder.Path, "cache")));
    }

    private void Write(string name, string text) => File.WriteAllText(Path.Combine(Folder.Path, name), text);

    [GeneratedRegex("error (NU190[1-4]): .* known (low|moderate|high|critical) severity")]
    private static partial Regex Vulnerability();
}
