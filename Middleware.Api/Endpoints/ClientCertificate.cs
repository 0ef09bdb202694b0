using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Middleware.Endpoints;

/// <summary>The certificate that an endpoint's connections show, in PEM with those of its issuers behind it.</summary>
internal static class ClientCertificate
{
    /// <summary>The member at fault and the fault, which repeats neither text; null for a certificate that can be shown.</summary>
    public static (string Member, string Fault)? FaultIn(string certificate, string key)
    {
        try
        {
            using var alone = X509Certificate2.CreateFromPem(certificate);
        }
        catch (CryptographicException)
        {
            return ("certificate", "expected a certificate in PEM, from -----BEGIN CERTIFICATE----- on, and behind it those of its issuers, if any");
        }

        try
        {
            using var both = X509Certificate2.CreateFromPem(certificate, key);
            return null;
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException)
        {
            return ("key", "expected the private key of the certificate in PEM, without a password");
        }
    }

    /// <summary>The certificate with its chain, as TLS shows it.</summary>
    public static SslStreamCertificateContext Read(string certificate, string key)
    {
        using var read = X509Certificate2.CreateFromPem(certificate, key);
        var chain = new X509Certificate2Collection();
        chain.ImportFromPem(certificate);

        // TLS of Windows takes no key that is not of a key store.
        var shown = X509CertificateLoader.LoadPkcs12(read.Export(X509ContentType.Pkcs12), password: null);
        return SslStreamCertificateContext.Create(shown, chain, offline: true);
    }
}
