using Tests.Middleware.Crash;

/// <summary>
/// Runs in place of the program in a process whose DOTNET_STARTUP_HOOKS names this assembly; the runtime asks for the name and for no namespace.
/// https://github.com/dotnet/runtime/blob/main/docs/design/features/host-startup-hook.md
/// </summary>
internal static class StartupHook
{
    public static void Initialize() => LaterSchema.Run();
}
