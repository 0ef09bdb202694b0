using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Tests.Middleware.Sending;

/// <summary>Certificates made for a test, those of servers for <see cref="Host"/> and valid today unless it says otherwise.</summary>
internal static class MadeCertificate
{
    public const string Host = "receiver.example";

    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    private static readonly DateTimeOffset Today = new(TimeProvider.System.GetUtcNow().UtcDateTime.Date, TimeSpan.Zero);

    /// <summary>One that issues others. Its days are those from and to which it is valid, counted from today.</summary>
    public static X509Certificate2 Authority(string name = "Test Authority", int from = -1_000, int to = 1_000, X509Certificate2? issuer = null) =>
        Make(name, from, to, issuer, static request => request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true)));

    /// <summary>One of a server, signed by itself without an issuer.</summary>
    public static X509Certificate2 Server(X509Certificate2? issuer = null, int from = -10, int to = 10, string host = Host) => Make(host, from, to, issuer, request =>
    {
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(host);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(ServerAuthentication)], false));
    });

    /// <summary>One of a client.</summary>
    public static X509Certificate2 Client(X509Certificate2? issuer, string name = "client", int to = 10) => Make(
        name, -10, to, issuer, static request => request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(ClientAuthentication)], false)));

    /// <summary>One with an RSA key, signed by itself; the others have keys of an elliptic curve, which are made in no time.</summary>
    public static X509Certificate2 Rsa(string host = Host)
    {
        using var key = RSA.Create(2048);
        return new CertificateRequest($"CN={host}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1).CreateSelfSigned(Today.AddDays(-10), Today.AddDays(10));
    }

    /// <summary>Its private key in PEM.</summary>
    public static string KeyPem(this X509Certificate2 certificate)
    {
        using var key = (AsymmetricAlgorithm?)certificate.GetRSAPrivateKey() ?? certificate.GetECDsaPrivateKey()!;
        return key.ExportPkcs8PrivateKeyPem();
    }

    /// <summary>The beginning of a day, as errors write it.</summary>
    public static string Day(int offset) => Today.AddDays(offset).ToString("u", null);

    private static X509Certificate2 Make(string name, int from, int to, X509Certificate2? issuer, Action<CertificateRequest> extend)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        extend(request);
        if (issuer is null)
        {
            return request.CreateSelfSigned(Today.AddDays(from), Today.AddDays(to));
        }

        // By the key and not by the certificate: an issuer may have expired before what it issued.
        using var signer = issuer.GetECDsaPrivateKey()!;
        using var signed = request.Create(
            issuer.SubjectName, X509SignatureGenerator.CreateForECDsa(signer), Today.AddDays(from), Today.AddDays(to), RandomNumberGenerator.GetBytes(8));
        return signed.CopyWithPrivateKey(key);
    }

    /// <summary>Shows a certificate and goes on in TLS.</summary>
    public static Func<NetworkStream, CancellationToken, Task> Speak(
        X509Certificate2 certificate, SslProtocols protocols, Func<SslStream, CancellationToken, Task> serve) => async (connection, stop) =>
    {
        await using var secure = new SslStream(connection);
        await secure.AuthenticateAsServerAsync(new SslServerAuthenticationOptions
        {
            ServerCertificateContext = SslStreamCertificateContext.Create(certificate, null, offline: true),
            EnabledSslProtocols = protocols,
        }, stop);
        await serve(secure, stop);
    };

    /// <summary>Shows a certificate and does nothing more.</summary>
    public static Func<NetworkStream, CancellationToken, Task> Show(X509Certificate2 certificate, SslProtocols protocols = SslProtocols.None) =>
        Speak(certificate, protocols, static async (secure, stop) => await secure.ReadAtLeastAsync(new byte[1], 1, throwOnEndOfStream: false, stop));
}
