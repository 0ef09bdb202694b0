using System.Runtime.CompilerServices;
using System.Security.Cryptography.X509Certificates;
using Middleware.Http;
using ServiceDefaults.Tls;

namespace Middleware.Callers;

/// <summary>
/// The scopes of client certificates, by their common name or a DNS name of their subject alternative names. An authority of <c>TLS_CLIENT_CA</c> vouches for
/// each of them.
/// </summary>
internal sealed class Certificates(AuthSettings settings, TlsListening tls, TimeProvider clock)
{
    // A connection shows the same object with each of its requests.
    private readonly ConditionalWeakTable<X509Certificate2, Caller> _callers = [];

    /// <summary>The holder of a certificate; null for one whose time is over, or that no authority vouches for any more.</summary>
    public Caller? Find(X509Certificate2 certificate) =>
        clock.GetUtcNow() < certificate.NotAfter && tls.Trusts(certificate) ? _callers.GetValue(certificate, Read) : null;

    private Caller Read(X509Certificate2 certificate)
    {
        List<string> names =
        [
            certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false),
            .. certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().SelectMany(static extension => extension.EnumerateDnsNames()),
        ];
        var known = names.Find(settings.CertificateScopes.ContainsKey);
        return new Caller($"cert:{known ?? names[0]}", names.Aggregate(Scopes.None, (all, name) => all | settings.CertificateScopes.GetValueOrDefault(name)));
    }
}
