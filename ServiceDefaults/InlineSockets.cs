using System.Reflection;

namespace ServiceDefaults;

/// <summary>
/// Has the threads that wait for sockets run the continuations. A hop to the thread pool costs a small request a fifth of its CPU. A continuation
/// there must not block: a service hops to the pool first.
/// </summary>
public static class InlineSockets
{
    // The runtime has no other switch for it, and reads it with the first socket.
    private const string Switch = "DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS";

    /// <summary>Called first of all. A value from outside stands, and a program that runs the service within itself keeps its own.</summary>
    public static void EnableIn(Assembly program)
    {
        if (Assembly.GetEntryAssembly() == program && Environment.GetEnvironmentVariable(Switch) is null)
        {
            Environment.SetEnvironmentVariable(Switch, "1");
        }
    }
}
