using System.Reflection;
using Middleware.Callers;
using Middleware.Storage.Copying;
using Middleware.Storage.Operating;
using ServiceDefaults;
using ServiceDefaults.Health;
using ServiceDefaults.Settings;

namespace Middleware;

/// <summary>
/// The commands of the program beside its run as a service: they start no server. Exit code 0: done; 1: refused, with the reasons on standard error; 2: no
/// such command, or a word that it does not know.
/// </summary>
internal static class Commands
{
    /// <summary>The port of a service without <c>PORT</c>.</summary>
    public const int DefaultPort = 8080;

    private const int Refused = 1;
    private const int Unknown = 2;

    private const string Usage = """
        Commands (without one the service runs):
          keys new       Prints an API key, and its digest, which ADMIN_KEY takes as well.
          audit verify   Checks the chain of the store's audit log; with --head TEXT, that it has this head of the log.
          keys rewrap    Wraps the data keys of the store with the first key of MASTER_KEY.
          store copy     Copies the store in DATA_DIR (or --from FOLDER) to the empty PostgreSQL database of ConnectionStrings__events (or
                         --to TEXT), and compares both. After a kill it goes on. Better give ConnectionStrings__events_FILE, the path of a
                         file: all users of the machine can see a password behind --to, in its list of processes.
          --healthcheck  Asks the service on this machine, by the same settings, whether it is ready: exit code 0, or 1 with one line.
          help           Prints this (--help, -h).
          --version      Prints the version.
        Settings are environment variables, or words such as PORT=8080, --PORT=8080 and --PORT 8080. docs/settings.md has them all.
        The store is in DATA_DIR, or in the PostgreSQL database of ConnectionStrings__events.
        """;

    private const string Accepted = "DATA_DIR=..., MASTER_KEY=..., ENCRYPT_PAYLOADS=..., ConnectionStrings:events=... (each also as NAME_FILE), environment=..., contentRoot=...";

    // Those that the commands read: another name is a slip.
    private static readonly string[] Settings = [Setting.DataDir.Name, Setting.MasterKey.Name, Setting.EncryptPayloads.Name, "ConnectionStrings:events"];
    private static readonly string[] HostSettings = ["environment", "contentRoot"];

    /// <summary>The command that the arguments name; null for none.</summary>
    public static Func<Task<int>>? Find(string[] arguments) => arguments switch
    {
        ["keys", "new"] => static () => RunAsync(NewKey),
        ["keys", "rewrap", .. var words] => () => RunAsync("keys rewrap", words, option: null, static (settings, _) => RewrapKeys.Execute(settings)),
        ["audit", "verify", .. var words] => () => RunAsync("audit verify", words, VerifyAudit.HeadOption, VerifyAudit.Execute),
        ["store", "copy", .. var words] => () => CopyAsync("store copy", words),
        [HealthCommand.Word, .. var words] when CommandWord.Unknown(words) is null => () => HealthCommand.RunAsync(words, DefaultPort),
        [HealthCommand.Word, ..] => () => RefuseAsync(Unknown, $"\"{string.Join(' ', arguments)}\" is not a command.{Environment.NewLine}{Usage}"),
        ["--help" or "-h" or "help", ..] => static () => RunAsync(static () => Usage),
        ["--version"] => static () => RunAsync(Version),
        ["store", ..] => () => RefuseAsync(Unknown, $"\"{string.Join(' ', arguments.Select(WithoutValue))}\" is not a command.{Environment.NewLine}{Usage}"),
        ["keys" or "audit", ..] => () => RefuseAsync(Unknown, $"\"{string.Join(' ', arguments)}\" is not a command.{Environment.NewLine}{Usage}"),
        _ when CommandWord.Unknown(arguments) is { } unknown =>
            () => RefuseAsync(Unknown, $"\"{unknown}\" is not a command.{Environment.NewLine}{Usage}"),
        _ => null,
    };

    private static string NewKey()
    {
        var key = KeyText.Generate();
        return $"key     {key}{Environment.NewLine}digest  {KeyText.DigestPrefix}{Convert.ToHexStringLower(KeyText.DigestOf(key))}";
    }

    private static string Version() => typeof(Commands).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;

    /// <summary>Runs a command with the settings behind it, and with its option, which may be given once.</summary>
    private static Task<int> RunAsync(string name, string[] arguments, string? option, Func<SettingsReader, string?, string> command)
    {
        var words = CommandWord.Read(arguments);
        var given = words.FirstOrDefault(IsOption);
        var settings = words.Where(word => !ReferenceEquals(word, given)).ToList();
        return settings.Find(static word => !IsSetting(word)) is { } unknown
            ? RefuseAsync(Unknown, $"{name}: \"{unknown.Text}\" is not accepted; expected {(option is null ? "" : $"{option} TEXT once, or ")}{Accepted}.")
            : RunAsync(() => command(SettingsReader.ForCommand([.. settings.Select(static word => word.Setting)]), given?.Value));

        bool IsOption(CommandWord word) => option is not null && word.IsSwitch(option);
    }

    /// <summary>Runs the copy with the settings that its options stand for, each given once. One bears a password, so no value is repeated.</summary>
    private static Task<int> CopyAsync(string name, string[] arguments)
    {
        var settings = new List<CommandWord>();
        foreach (var word in CommandWord.Read(arguments))
        {
            var stood = CopyStore.Options.FirstOrDefault(option => word.IsSwitch(option.Option)).Setting;
            var setting = stood is null ? word : word with { Name = stood };
            if (!IsSetting(setting) || (stood is not null && settings.Exists(given => given.Name == stood)))
            {
                return RefuseAsync(Unknown, $"{name}: \"{WithoutValue(word.Text)}\" is not accepted; expected --from FOLDER and --to TEXT once, or {Accepted}.");
            }

            settings.Add(setting);
        }

        return RunAsync(() => CopyStore.Execute(SettingsReader.ForCommand([.. settings.Select(static word => word.Setting)]), Console.Error, TimeProvider.System));
    }

    private static string WithoutValue(string word) => word.Split('=')[0];

    private static bool IsSetting(CommandWord word) => word.Name is { } name
        && (HostSettings.Contains(name, StringComparer.OrdinalIgnoreCase)
            || Settings.Contains(SettingsReader.WithoutFile(name), StringComparer.OrdinalIgnoreCase));

    private static async Task<int> RunAsync(Func<string> command)
    {
        try
        {
            await Console.Out.WriteLineAsync(command());
            return 0;
        }
        catch (Exception exception) when (exception is SettingsException or StartRefusedException)
        {
            return await RefuseAsync(Refused, exception.Message);
        }
    }

    private static async Task<int> RefuseAsync(int code, string reasons)
    {
        await Console.Error.WriteLineAsync(reasons);
        return code;
    }
}
