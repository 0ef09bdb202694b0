using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ServiceDefaults.Settings;

namespace ServiceDefaults.Tls;

/// <summary>The texts of <c>TLS_CERT</c>, <c>TLS_KEY</c> and <c>TLS_CLIENT_CA</c>, which are mostly given as files, in PEM.</summary>
/// <param name="Certificate">The certificate of the service with its issuers; null for a service without TLS.</param>
/// <param name="ClientAuthorities">The issuers of clients' certificates; null when clients are not asked for one.</param>
internal sealed record TlsSettings(SslStreamCertificateContext? Certificate, X509Certificate2Collection? ClientAuthorities)
{
    public const string CertificateName = "TLS_CERT";
    public const string KeyName = "TLS_KEY";
    public const string ClientAuthoritiesName = "TLS_CLIENT_CA";

    private const string Hidden = "(hidden)";
    private const string Begin = "-----BEGIN ";
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    public static TlsSettings Read(SettingsReader settings)
    {
        CheckGivenWith(settings, CertificateName, KeyName);
        CheckGivenWith(settings, KeyName, CertificateName);
        CheckGivenWith(settings, ClientAuthoritiesName, CertificateName);
        return new TlsSettings(ReadCertificate(settings), ReadAuthorities(settings));
    }

    private static void CheckGivenWith(SettingsReader settings, string name, string other)
    {
        if (settings.IsGiven(name) && !settings.IsGiven(other))
        {
            settings.Refuse(other + SettingFiles.Suffix, "", $"expected it with {name}{SettingFiles.Suffix}, or neither");
        }
    }

    private static SslStreamCertificateContext? ReadCertificate(SettingsReader settings)
    {
        var (certificates, key) = (settings.Text(CertificateName), settings.Text(KeyName));
        if (!settings.IsGiven(CertificateName) || !settings.IsGiven(KeyName) || certificates is null || key is null)
        {
            return null;
        }

        if (Certificates(certificates) is not { } chain)
        {
            settings.Refuse(CertificateName, Hidden, "expected a certificate in PEM, followed by those of its issuers");
            return null;
        }

        if (chain[0].Extensions.OfType<X509EnhancedKeyUsageExtension>().Any(static use => use.EnhancedKeyUsages[ServerAuthentication] is null))
        {
            settings.Refuse(CertificateName, Hidden, "expected a certificate whose extended key usage includes servers (serverAuth), or has none");
            return null;
        }

        if (!key.Contains(" PRIVATE KEY-----", StringComparison.Ordinal))
        {
            settings.Refuse(KeyName, Hidden, "expected a private key in PEM");
            return null;
        }

        try
        {
            var certificate = X509Certificate2.CreateFromPem(certificates, key);
            chain.RemoveAt(0);

            // Nothing is fetched for it: neither issuers nor their word that it is still good.
            return SslStreamCertificateContext.Create(OperatingSystem.IsWindows() ? Stored(certificate) : certificate, chain, offline: true);
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException)
        {
            settings.Refuse(KeyName, Hidden, $"expected the whole private key of the first certificate of {CertificateName}, without a password");
            return null;
        }
    }

    private static X509Certificate2Collection? ReadAuthorities(SettingsReader settings)
    {
        if (!settings.IsGiven(ClientAuthoritiesName) || settings.Text(ClientAuthoritiesName) is not { } text)
        {
            return null;
        }

        if (Certificates(text) is { } authorities && authorities.Any(IsRoot))
        {
            return authorities;
        }

        settings.Refuse(ClientAuthoritiesName, Hidden, "expected certificates of authorities in PEM, with one that signed itself");
        return null;
    }

    /// <summary>True for the end of a chain, which nobody else vouches for.</summary>
    public static bool IsRoot(X509Certificate2 certificate) => certificate.SubjectName.RawData.AsSpan().SequenceEqual(certificate.IssuerName.RawData);

    /// <summary>The certificates of a text; null when there is none, or one is not whole.</summary>
    private static X509Certificate2Collection? Certificates(string text)
    {
        var certificates = new X509Certificate2Collection();
        try
        {
            certificates.ImportFromPem(text);
        }
        catch (CryptographicException)
        {
            return null;
        }

        // The import passes over those that have no end.
        return certificates.Count > 0 && certificates.Count == text.AsSpan().Count($"{Begin}CERTIFICATE-----") ? certificates : null;
    }

    /// <summary>The same with its key in the store of keys: Windows uses no other for TLS.</summary>
    private static X509Certificate2 Stored(X509Certificate2 certificate) =>
        X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), password: null);
}
