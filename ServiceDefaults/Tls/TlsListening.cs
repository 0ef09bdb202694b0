using System.Net.Security;
using System.Runtime.CompilerServices;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using ServiceDefaults.Settings;

namespace ServiceDefaults.Tls;

/// <summary>
/// TLS of the listeners, by the files of <see cref="TlsSettings"/> as they stand at the moment. A connection keeps the certificate that it began with;
/// a new one gets the new certificate.
/// </summary>
public sealed partial class TlsListening
{
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    private readonly SecretSettings _secrets;
    private readonly TimeProvider _clock;
    private readonly ILogger<TlsListening> _logger;
    private readonly ConditionalWeakTable<X509Certificate2, X509Certificate2Collection> _trusted = [];
    private volatile TlsSettings _current;

    internal TlsListening(TlsSettings settings, SecretSettings secrets, TimeProvider clock, ILogger<TlsListening> logger) =>
        (_current, _secrets, _clock, _logger) = (settings, secrets, clock, logger);

    /// <summary>True for a service with a certificate.</summary>
    internal bool IsOn => _current.Certificate is not null;

    private DateTimeOffset NotAfter => _current.Certificate!.TargetCertificate.NotAfter;

    /// <summary>
    /// True for a certificate of a client that an authority of <c>TLS_CLIENT_CA</c> vouches for now. A connection has shown it when it began. Its chain is
    /// built again when the authorities are others.
    /// </summary>
    public bool Trusts(X509Certificate2 certificate)
    {
        if (_current.ClientAuthorities is not { } authorities)
        {
            return false;
        }

        if (_trusted.TryGetValue(certificate, out var by) && by == authorities)
        {
            return true;
        }

        using var chain = new X509Chain { ChainPolicy = PolicyForClients(authorities) };
        var isTrusted = chain.Build(certificate);
        if (isTrusted)
        {
            _trusted.AddOrUpdate(certificate, authorities);
        }

        return isTrusted;
    }

    /// <summary>Follows the files while the service runs, and logs the certificate once it listens.</summary>
    internal void Follow(IServer server, IHostApplicationLifetime lifetime)
    {
        if (!IsOn)
        {
            return;
        }

        _secrets.Follow(TlsSettings.Read, Replace, TlsSettings.CertificateName, TlsSettings.KeyName, TlsSettings.ClientAuthoritiesName);
        lifetime.ApplicationStarted.Register(() =>
        {
            InUse(_current.Certificate!.TargetCertificate.Subject, NotAfter);
            CheckTime();
            foreach (var address in server.Features.Get<IServerAddressesFeature>()?.Addresses.Where(static address => !address.StartsWith("https:", StringComparison.OrdinalIgnoreCase)) ?? [])
            {
                WithoutTls(address);
            }
        });
    }

    private void Replace(TlsSettings settings)
    {
        _current = IsSame(settings.ClientAuthorities, _current.ClientAuthorities) ? settings with { ClientAuthorities = _current.ClientAuthorities } : settings;
        Replaced(settings.Certificate!.TargetCertificate.Subject, NotAfter);
        CheckTime();
    }

    private static bool IsSame(X509Certificate2Collection? one, X509Certificate2Collection? other) =>
        one is not null && other is not null && one.Select(static authority => authority.Thumbprint).SequenceEqual(other.Select(static authority => authority.Thumbprint));

    private void CheckTime()
    {
        var now = _clock.GetUtcNow();
        var certificate = _current.Certificate!.TargetCertificate;
        if (now > NotAfter || now < certificate.NotBefore)
        {
            NotOfToday(certificate.Subject, certificate.NotBefore, NotAfter);
        }
    }

    internal void Configure(HttpsConnectionAdapterOptions https)
    {
        if (!IsOn)
        {
            return;
        }

        https.SslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13;

        // The server asks for one before it listens. With it alone no certificate of an issuer would be sent.
        https.ServerCertificateSelector = (_, _) => _current.Certificate!.TargetCertificate;
        https.OnAuthenticate = (_, options) =>
        {
            options.ServerCertificateSelectionCallback = null;
            options.ServerCertificateContext = _current.Certificate;
            options.CertificateChainPolicy = _current.ClientAuthorities is { } authorities ? PolicyForClients(authorities) : null;
        };
        if (_current.ClientAuthorities is not null)
        {
            https.ClientCertificateMode = ClientCertificateMode.AllowCertificate;
            https.ClientCertificateValidation = (certificate, chain, errors) =>
            {
                Note(certificate, chain);
                return errors == SslPolicyErrors.None;
            };
        }
    }

    /// <summary>
    /// Notes the authorities that vouch for a connection's certificate. Its chain here has the issuers that the client sent, and a later one has not. Authorities
    /// that were exchanged since the chain was built are not noted: they have not judged it.
    /// </summary>
    private void Note(X509Certificate2 certificate, X509Chain? chain)
    {
        if (_current.ClientAuthorities is { } authorities && chain is { ChainStatus: [], ChainElements: [.., { Certificate: var root }] }
            && authorities.Any(authority => authority.RawDataMemory.Span.SequenceEqual(root.RawDataMemory.Span)))
        {
            _trusted.AddOrUpdate(certificate, authorities);
        }
    }

    /// <summary>The rules for a client's certificate. The authorities of the system do not count, and nothing is fetched.</summary>
    private X509ChainPolicy PolicyForClients(X509Certificate2Collection authorities)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
            VerificationTimeIgnored = false,
            VerificationTime = _clock.GetUtcNow().UtcDateTime,
            ApplicationPolicy = { new Oid(ClientAuthentication) },
        };
        foreach (var authority in authorities)
        {
            (TlsSettings.IsRoot(authority) ? policy.CustomTrustStore : policy.ExtraStore).Add(authority);
        }

        return policy;
    }

    [LoggerMessage(LogLevel.Information, "TLS certificate in use")]
    private partial void InUse(string subject, DateTimeOffset notAfter);

    [LoggerMessage(LogLevel.Information, "TLS certificate replaced")]
    private partial void Replaced(string subject, DateTimeOffset notAfter);

    [LoggerMessage(LogLevel.Warning, "TLS certificate is not valid today: clients refuse it")]
    private partial void NotOfToday(string subject, DateTimeOffset notBefore, DateTimeOffset notAfter);

    [LoggerMessage(LogLevel.Warning, "an address is listened on without TLS")]
    private partial void WithoutTls(string address);
}

internal static class TlsRegistration
{
    public static void AddTls(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<SecretSettings>();
        builder.Services.AddSettings(TlsSettings.Read);
        builder.Services.AddSingleton(static services => new TlsListening(
            services.GetRequiredService<TlsSettings>(),
            services.GetRequiredService<SecretSettings>(),
            services.GetRequiredService<TimeProvider>(),
            services.GetRequiredService<ILogger<TlsListening>>()));

        // The server is made before the settings are checked; this runs when it begins to listen.
        builder.WebHost.ConfigureKestrel(static kestrel => kestrel.ConfigureHttpsDefaults(
            https => kestrel.ApplicationServices.GetRequiredService<TlsListening>().Configure(https)));
    }
}
