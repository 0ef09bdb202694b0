using Middleware.Callers;

namespace Middleware;

/// <summary>The commands of the program beside its run as a service: they start no server and end with an exit code.</summary>
internal static class Commands
{
    private const int Misused = 2;

    private const string Usage = """
        Commands (without one the service runs):
          keys new    Prints an API key, and its digest, which ADMIN_KEY takes as well.
        """;

    /// <summary>The command that the arguments name; null for none.</summary>
    public static Func<Task<int>>? Find(string[] args) => args switch
    {
        ["keys", "new"] => NewKeyAsync,
        ["keys" or "audit", ..] => () => MisuseAsync(args),
        _ => null,
    };

    private static async Task<int> NewKeyAsync()
    {
        var key = KeyText.Generate();
        await Console.Out.WriteLineAsync($"key     {key}");
        await Console.Out.WriteLineAsync($"digest  {KeyText.DigestPrefix}{Convert.ToHexStringLower(KeyText.DigestOf(key))}");
        return 0;
    }

    private static async Task<int> MisuseAsync(string[] args)
    {
        await Console.Error.WriteLineAsync($"\"{string.Join(' ', args)}\" is not a command.");
        await Console.Error.WriteLineAsync(Usage);
        return Misused;
    }
}
