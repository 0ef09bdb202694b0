using System.Diagnostics;
using Aspire.Hosting.Local;

namespace Tests.Hosting.Local;

public sealed class GuardTests
{
    private const int Limit = 120_000;

    private static readonly Dictionary<string, string> NoVariables = [];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact(Timeout = Limit)]
    public async Task Closing_the_pipe_ends_a_process_by_SIGTERM()
    {
        using var process = Start(["/bin/sleep", "600"], TimeSpan.FromMinutes(10));

        Guard.LetGo(process.StandardInput, stop: true);
        await process.WaitForExitAsync(Cancellation);

        Assert.Equal(128 + 15, process.ExitCode);
    }

    [Fact(Timeout = Limit)]
    public async Task A_process_that_ignores_SIGTERM_is_killed()
    {
        using var process = Start(["/bin/sh", "-c", "trap '' TERM; echo deaf; exec sleep 600"], TimeSpan.FromMilliseconds(200));
        Assert.Equal("deaf", await process.StandardOutput.ReadLineAsync(Cancellation));

        Guard.LetGo(process.StandardInput, stop: true);
        await process.WaitForExitAsync(Cancellation);

        Assert.Equal(128 + 9, process.ExitCode);
    }

    [Fact(Timeout = Limit)]
    public async Task The_exit_code_and_the_arguments_are_the_process_s_own()
    {
        using var process = Start(["/bin/sh", "-c", "echo \"$1|$2\"; exit 7", "name", "two words", "$HOME 'quoted'"], TimeSpan.FromSeconds(6));

        Assert.Equal("two words|$HOME 'quoted'", await process.StandardOutput.ReadLineAsync(Cancellation));
        await process.WaitForExitAsync(Cancellation);
        Guard.LetGo(process.StandardInput, stop: false);

        Assert.Equal(7, process.ExitCode);
    }

    private static Process Start(IReadOnlyList<string> command, TimeSpan grace)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no signals.");
        var start = Guard.Around(command, NoVariables, grace);
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        return Process.Start(start)!;
    }
}
