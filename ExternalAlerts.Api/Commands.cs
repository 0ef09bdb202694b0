using System.Reflection;
using ServiceDefaults.Health;
using ServiceDefaults.Settings;

namespace ExternalAlerts;

/// <summary>Commands of the program, beside serving. A word that is neither a command nor a setting ends it with exit code 2.</summary>
internal static class Commands
{
    private const int Unknown = 2;

    private const string Usage = """
        usage: ExternalAlerts.Api [command]
          (none)         Receives alerts.
          --healthcheck  Asks the service on this machine, by the same settings, whether it is ready: exit code 0, or 1 with one line.
          --help         Prints this (help, -h).
          --version      Prints the version.
        Settings are environment variables, or words such as PORT=8081, --PORT=8081 and --PORT 8081. docs/settings.md has them all.
        """;

    /// <summary>The command that the arguments name; null for none.</summary>
    public static Func<Task<int>>? Find(string[] arguments, int defaultPort) => arguments switch
    {
        ["--help" or "-h" or "help", ..] => static () => PrintAsync(Console.Out, Usage, exitCode: 0),
        ["--version"] => static () => PrintAsync(Console.Out, typeof(Commands).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion, exitCode: 0),
        _ when CommandWord.Unknown(arguments is [HealthCommand.Word, .. var words] ? words : arguments) is { } unknown =>
            () => PrintAsync(Console.Error, $"\"{unknown}\" is not a command.{Environment.NewLine}{Usage}", Unknown),
        [HealthCommand.Word, .. var settings] => () => HealthCommand.RunAsync(settings, defaultPort),
        _ => null,
    };

    private static async Task<int> PrintAsync(TextWriter to, string text, int exitCode)
    {
        await to.WriteLineAsync(text);
        return exitCode;
    }
}
