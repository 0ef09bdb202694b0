using Middleware.Callers;
using Middleware.Storage.Sqlite;
using ServiceDefaults;
using ServiceDefaults.Settings;

namespace Middleware;

/// <summary>
/// The commands of the program beside its run as a service: they start no server. Exit code 0: done; 1: refused, with the reasons on standard error; 2: no
/// such command.
/// </summary>
internal static class Commands
{
    private const int Refused = 1;
    private const int Unknown = 2;

    private const string Usage = """
        Commands (without one the service runs):
          keys new       Prints an API key, and its digest, which ADMIN_KEY takes as well.
          audit verify   Checks the chain of the audit log in DATA_DIR; with --head, that it has this head of the log.
          keys rewrap    Wraps the data keys of the store in DATA_DIR with the first key of MASTER_KEY.
        """;

    /// <summary>The command that the arguments name; null for none.</summary>
    public static Func<Task<int>>? Find(string[] arguments) => arguments switch
    {
        ["keys", "new"] => static () => RunAsync(NewKey),
        ["keys", "rewrap", .. var settings] => () => RunAsync(() => RewrapKeys.Execute(SettingsReader.ForCommand(settings))),
        ["audit", "verify", .. var options] => () => RunAsync(() => VerifyAudit.Execute(options)),
        ["keys" or "audit", ..] => () => RefuseAsync(Unknown, $"\"{string.Join(' ', arguments)}\" is not a command.{Environment.NewLine}{Usage}"),
        _ => null,
    };

    private static string NewKey()
    {
        var key = KeyText.Generate();
        return $"key     {key}{Environment.NewLine}digest  {KeyText.DigestPrefix}{Convert.ToHexStringLower(KeyText.DigestOf(key))}";
    }

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
