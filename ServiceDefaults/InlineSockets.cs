using System.Reflection;

namespace ServiceDefaults;

/// <summary>
/// Has the threads that wait for sockets run what comes of it, without a hop to the thread pool, which costs a small request a fifth of
/// its CPU. What runs there must not block: a service hops to the pool before it does what may.
/// </summary>
public static class InlineSockets
{
    // The runtime has no other switch for it, and reads it with the first socket.
    private const string Switch = "DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS";

    /// <summary>Called first of all. A value that is given from outside stands, and a program that runs the service within itself keeps what it has.</summary>
    public static void EnableIn(Assembly program)
    {
        if (Assembly.GetEntryAssembly() == program && Environment.GetEnvironmentVariable(Switch) is null)
        {
            Environment.SetEnvironmentVariable(Switch, "1");
        }
    }
}
