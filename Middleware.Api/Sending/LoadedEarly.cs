using System.Formats.Asn1;
using System.Net;
using System.Net.Security;
using System.Runtime.CompilerServices;

namespace Middleware.Sending;

/// <summary>
/// Loads the assemblies of the first attempt at the start, those of TLS and of proxies included. The runtime remembers an assembly that it could not open. An
/// attempt while no more files may be opened would break all that follow.
/// </summary>
internal static class LoadedEarly
{
    public static void Load()
    {
        RuntimeHelpers.RunClassConstructor(typeof(SslStream).TypeHandle);
        RuntimeHelpers.RunClassConstructor(typeof(AsnWriter).TypeHandle);
        RuntimeHelpers.RunClassConstructor(typeof(WebProxy).TypeHandle);
    }
}
