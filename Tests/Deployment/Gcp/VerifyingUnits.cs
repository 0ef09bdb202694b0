using System.Runtime.Versioning;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;
using Middleware;
using ServiceDefaults.Settings;
using Tests.Supply;
using Tests.Words;

namespace Tests.Deployment.Gcp;

/// <summary>The units of systemd, judged by <c>systemd-analyze</c>. Whatever it writes is a fault.</summary>
[SupportedOSPlatform("linux")]
public sealed partial class VerifyingUnits() : InAFolder(TemporaryDirectory.OpenToPrograms())
{
    private const string Middleware = "deploy/gcp/systemd/aspire-middleware.service";

    // "OK" of systemd-analyze is at most 4.9; Debian's own services have 9 and more.
    private const string MostExposed = "20";

    public static TheoryData<string> Units => [.. Prose.Files("*.service", "deploy/gcp/systemd").Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Units))]
    public async Task A_unit_is_free_of_faults(string unit) => Assert.Equal((0, ""), await VerifyAsync(unit, Scripts.Read(unit)));

    [Theory]
    [MemberData(nameof(Units))]
    public async Task A_service_may_do_little(string unit) => await JudgeAsync(unit, Scripts.Read(unit)).Succeeds();

    [Theory]
    [MemberData(nameof(Units))]
    public void A_unit_waits_for_the_service_and_watches_it(string unit)
    {
        var text = Scripts.Read(unit);
        Assert.All(["Type=notify", "NotifyAccess=main", "WatchdogSec=60s", "Restart=on-failure", "User=aspire-integration"], line => Assert.Contains($"\n{line}\n", text, StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Units))]
    public void Every_variable_of_a_unit_is_a_setting(string unit) => Assert.Empty(NoSettings(Scripts.Read(unit)));

    /// <summary>The files that the checklist has operators add.</summary>
    [Fact]
    public async Task An_addition_of_the_checklist_is_free_of_faults()
    {
        var additions = Regex.Matches(Scripts.Read("docs/deploy/gcp-checklist.md"), "(?s) +```ini\n(.*?)```").Select(static block => Regex.Replace(block.Groups[1].Value, "(?m)^ +", "")).ToList();
        Assert.Equal(2, additions.Count);
        foreach (var addition in additions)
        {
            Assert.Equal((0, ""), await VerifyAsync(Middleware, $"{Scripts.Read(Middleware)}\n{addition}"));
            Assert.Empty(NoSettings(addition));
        }
    }

    [Fact]
    public void A_unit_gives_the_stop_the_time_of_the_service()
    {
        var longest = (2 * ShutdownSettings.Read(new SettingsReader(new ConfigurationBuilder().Build())).Timeout) + TimeSpan.FromSeconds(5);
        var given = int.Parse(Regex.Match(Scripts.Read(Middleware), "TimeoutStopSec=([0-9]+)s").Groups[1].Value, null);

        Assert.InRange(given, longest.TotalSeconds + 10, 2 * longest.TotalSeconds);
    }

    /// <summary>The test of the test: a misspelt name, a wrong value, a program that is not there, a section that is none.</summary>
    [Theory]
    [InlineData("WatchdogSec=", "WatchdogSecs=")]
    [InlineData("Type=notify", "Type=notified")]
    [InlineData("ProtectSystem=strict", "ProtectSystem=very")]
    [InlineData("ExecStart=/opt/aspire-integration/current/Middleware.Api/Middleware.Api", "ExecStart=/opt/aspire-integration/current/Middleware.Api/Middleware")]
    [InlineData("[Service]", "[Services]")]
    [InlineData("SystemCallFilter=@system-service", "SystemCallFilter=@system-services")]
    public async Task A_fault_is_found(string right, string wrong) => Assert.NotEqual((0, ""), await VerifyAsync(Middleware, WithFault(right, wrong)));

    [Fact]
    public async Task A_service_that_may_do_more_is_found()
    {
        var text = Regex.Replace(Scripts.Read(Middleware), "(?m)^(Protect|Private|Restrict|SystemCall|Capab|NoNew).*\n", "");

        Assert.NotEqual(0, (await JudgeAsync("loose.service", text)).ExitCode);
    }

    [Fact]
    public void A_variable_that_is_no_setting_is_found() =>
        Assert.Equal(["DATA_DIRECTORY"], NoSettings(WithFault("DATA_DIR=", "DATA_DIRECTORY=")));

    private static string WithFault(string right, string wrong) => new DeployedFiles((Middleware, right, wrong)).Read(Middleware);

    private static IEnumerable<string> NoSettings(string text) =>
        from variables in Variables().Matches(text).Select(static line => line.Groups[1].Value)
        from variable in variables.Split(' ')
        let name = variable.Split('=')[0]
        let setting = name.EndsWith("_FILE", StringComparison.Ordinal) ? name[..^"_FILE".Length] : name
        where !Documented(name) && !Documented(setting)
        select name;

    private static bool Documented(string setting) => Scripts.Read("docs/settings.md").Contains($"`{setting}`", StringComparison.Ordinal);

    private Task<(int ExitCode, string Output)> VerifyAsync(string unit, string text) =>
        Command.RunAsync(Folder.Path, Tool.Find("systemd-analyze"), ["verify", "--man=no", Write(unit, text)]);

    /// <summary>Judges how much a service may do; the exit code is 0 for little.</summary>
    private Task<(int ExitCode, string Output)> JudgeAsync(string unit, string text) =>
        Command.RunAsync(Folder.Path, Tool.Find("systemd-analyze"), ["security", "--offline=true", $"--threshold={MostExposed}", "--no-pager", Write(unit, text)]);

    /// <summary>Writes a unit whose programs are in a folder of the test: systemd looks whether they are there.</summary>
    private string Write(string unit, string text)
    {
        foreach (var name in (string[])["Middleware.Api", "ExternalAlerts.Api"])
        {
            Scripts.WriteProgram(Path.Combine(Folder.Path, "current", name, name), "#!/bin/sh\n");
        }

        var path = Path.Combine(Folder.Path, Path.GetFileName(unit));
        File.WriteAllText(path, text.Replace("/opt/aspire-integration/", $"{Folder.Path}/", StringComparison.Ordinal));
        return path;
    }

    [GeneratedRegex("(?m)^Environment=(.+)$")]
    private static partial Regex Variables();
}
