using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ServiceDefaults.Settings;
using ServiceDefaults.Tls;
using Tests.Middleware.Sending;

namespace Tests.ServiceDefaults;

public sealed class TlsSettingsTests
{
    private const string Certificate = "TLS_CERT: \"(hidden)\" is not accepted; expected a certificate in PEM, followed by those of its issuers.";
    private const string Fitting = "TLS_KEY: \"(hidden)\" is not accepted; expected the whole private key of the first certificate of TLS_CERT, without a password.";
    private const string Authorities = "TLS_CLIENT_CA: \"(hidden)\" is not accepted; expected certificates of authorities in PEM, with one that signed itself.";

    private static readonly X509Certificate2 Authority = MadeCertificate.Authority();
    private static readonly X509Certificate2 Server = MadeCertificate.Server(Authority);
    private static readonly string Pem = Server.ExportCertificatePem();
    private static readonly string Key = Server.KeyPem();

    [Fact]
    public void Without_settings_there_is_no_TLS() => Assert.Equal(new TlsSettings(null, null), Read(out _));

    [Fact]
    public void A_certificate_and_its_key_are_texts_or_files()
    {
        var settings = Read(out var failures, ("TLS_CERT", Pem), ("TLS_KEY", Key), ("TLS_CLIENT_CA", Authority.ExportCertificatePem()));

        Assert.Empty(failures);
        Assert.Equal(Server.Thumbprint, settings.Certificate!.TargetCertificate.Thumbprint);
        Assert.Equal(Authority.Thumbprint, Assert.Single(settings.ClientAuthorities!).Thumbprint);
    }

    [Fact]
    public void Other_kinds_of_keys_fit_too()
    {
        using var made = MadeCertificate.Rsa();
        using var rsa = made.GetRSAPrivateKey()!;
        using var curve = Server.GetECDsaPrivateKey()!;

        Read(out var failures, ("TLS_CERT", Pem), ("TLS_KEY", curve.ExportECPrivateKeyPem()));
        Assert.Empty(failures);
        Read(out failures, ("TLS_CERT", made.ExportCertificatePem()), ("TLS_KEY", rsa.ExportRSAPrivateKeyPem()));
        Assert.Empty(failures);
        Read(out failures, ("TLS_CERT", made.ExportCertificatePem()), ("TLS_KEY", rsa.ExportPkcs8PrivateKeyPem()));
        Assert.Empty(failures);
        Read(out failures, ("TLS_CERT", Pem), ("TLS_KEY", rsa.ExportPkcs8PrivateKeyPem()));
        Assert.Equal([Fitting], failures);
        Read(out failures, ("TLS_CERT", Pem), ("TLS_KEY", curve.ExportEncryptedPkcs8PrivateKeyPem("password", new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1_000))));
        Assert.Equal([Fitting], failures);
    }

    [Fact]
    public void A_fault_is_named_and_never_shown()
    {
        Refuses([("TLS_CERT", Pem)], "TLS_KEY_FILE: \"\" is not accepted; expected it with TLS_CERT_FILE, or neither.");
        Refuses([("TLS_KEY", Key)], "TLS_CERT_FILE: \"\" is not accepted; expected it with TLS_KEY_FILE, or neither.");
        Refuses([("TLS_CLIENT_CA", Authority.ExportCertificatePem())], "TLS_CERT_FILE: \"\" is not accepted; expected it with TLS_CLIENT_CA_FILE, or neither.");
        Refuses([("TLS_CERT", "canary"), ("TLS_KEY", Key)], Certificate);
        Refuses([("TLS_CERT", $"{Pem}\n{Authority.ExportCertificatePem()[..^40]}"), ("TLS_KEY", Key)], Certificate);
        Refuses([("TLS_CERT", Pem.Replace('A', 'B')), ("TLS_KEY", Key)], Certificate);
        Refuses([("TLS_CERT", Pem), ("TLS_KEY", "canary")], "TLS_KEY: \"(hidden)\" is not accepted; expected a private key in PEM.");
        Refuses([("TLS_CERT", Pem), ("TLS_KEY", MadeCertificate.Authority().KeyPem())], Fitting);
        var client = MadeCertificate.Client(Authority);
        Refuses(
            [("TLS_CERT", client.ExportCertificatePem()), ("TLS_KEY", client.KeyPem())],
            "TLS_CERT: \"(hidden)\" is not accepted; expected a certificate whose extended key usage includes servers (serverAuth), or has none.");
        Refuses([("TLS_CERT", Pem), ("TLS_KEY", Key), ("TLS_CLIENT_CA", "canary")], Authorities);
        Refuses([("TLS_CERT", Pem), ("TLS_KEY", Key), ("TLS_CLIENT_CA", MadeCertificate.Authority("Issuer", issuer: Authority).ExportCertificatePem())], Authorities);
    }

    [Fact]
    public void Every_file_that_cannot_be_read_is_named()
    {
        Read(out var failures, ("TLS_CERT_FILE", "/no/such/cert"), ("TLS_KEY_FILE", "/no/such/key"), ("TLS_CLIENT_CA_FILE", "/no/such/ca"));

        Assert.Equal(3, failures.Count);
        Assert.All(
            failures.Zip(["TLS_CERT_FILE: \"/no/such/cert\"", "TLS_KEY_FILE: \"/no/such/key\"", "TLS_CLIENT_CA_FILE: \"/no/such/ca\""]),
            static pair => Assert.StartsWith($"{pair.Second} is not accepted; expected a file that can be read (", pair.First, StringComparison.Ordinal));
    }

    private static void Refuses((string Name, string Value)[] given, string failure)
    {
        Read(out var failures, given);
        Assert.Equal([failure], failures);
    }

    private static TlsSettings Read(out IReadOnlyList<string> failures, params (string Name, string Value)[] given)
    {
        var reader = new SettingsReader(SettingFilesTests.Configuration(given));
        var settings = TlsSettings.Read(reader);
        failures = reader.Failures;
        return settings;
    }
}
