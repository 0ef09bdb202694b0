using System.Formats.Asn1;
using System.Net.Security;
using System.Runtime.CompilerServices;

namespace Middleware.Sending;

/// <summary>
/// Loads at the start what the first try, the first one over TLS included, would load. The runtime remembers an assembly that it could not
/// open: a try that comes while no more files may be opened would take all that follow with it.
/// </summary>
internal static class LoadedEarly
{
    public static void Load()
    {
        RuntimeHelpers.RunClassConstructor(typeof(SslStream).TypeHandle);
        RuntimeHelpers.RunClassConstructor(typeof(AsnWriter).TypeHandle);
    }
}
