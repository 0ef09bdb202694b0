using System.Reflection;
using ServiceDefaults.Health;
using ServiceDefaults.Settings;

namespace ServiceDefaults;

/// <summary>Commands that a program has beside serving. A word that is neither a command nor a setting ends it with exit code 2.</summary>
/// <param name="Program">The program.</param>
/// <param name="Serves">A sentence on what it does without a command.</param>
/// <param name="DefaultPort">The port of the service without <c>PORT</c>.</param>
public sealed record ServiceCommands(Assembly Program, string Serves, int DefaultPort)
{
    private const int UnknownWord = 2;

    private string Usage => $"""
        usage: {Program.GetName().Name} [command]
          (none)         {Serves}
          --healthcheck  Asks the service on this machine, by the same settings, whether it is ready: exit code 0, or 1 with one line.
          --help         Prints this (help, -h).
          --version      Prints the version.
        Settings are environment variables, or words such as PORT={DefaultPort}, --PORT={DefaultPort} and --PORT {DefaultPort}. docs/settings.md has them all.
        """;

    /// <summary>The command that the arguments name; null for none.</summary>
    public Func<Task<int>>? Find(string[] arguments) => arguments switch
    {
        ["--help" or "-h" or "help", ..] => () => PrintAsync(Console.Out, Usage, exitCode: 0),
        ["--version"] => () => PrintAsync(Console.Out, Program.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion, exitCode: 0),
        _ when CommandWord.Unknown(arguments is [HealthCommand.Word, .. var words] ? words : arguments) is { } unknown =>
            () => PrintAsync(Console.Error, $"\"{unknown}\" is not a command.{Environment.NewLine}{Usage}", UnknownWord),
        [HealthCommand.Word, .. var settings] => () => HealthCommand.RunAsync(settings, DefaultPort),
        _ => null,
    };

    private static async Task<int> PrintAsync(TextWriter to, string text, int exitCode)
    {
        await to.WriteLineAsync(text);
        return exitCode;
    }
}
