using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using ServiceDefaults.Settings;
using Tests.Middleware.Sending;

namespace Tests.Middleware.Tls;

/// <summary>A service that listens with a certificate of a mounted secret, and the clients that know its authority.</summary>
internal sealed class TlsStage : IAsyncDisposable
{
    private const string Certificate = "tls.crt";
    private const string Key = "tls.key";

    private readonly MountedSecret _secret = new();

    /// <param name="more">More settings; a value that begins with an at-sign is a file of the secret.</param>
    public TlsStage(params (string Name, string Value)[] more)
    {
        Service = new MiddlewareService(
            [
                ("urls", "https://127.0.0.1:0"), ("ConnectionStrings:events", "memory"), ("TLS_CERT_FILE", _secret.PathOf(Certificate)), ("TLS_KEY_FILE", _secret.PathOf(Key)),
                .. more.Select(setting => (setting.Name, setting.Value.StartsWith('@') ? _secret.PathOf(setting.Value[1..]) : setting.Value)),
            ])
        {
            // The certificates are of today.
            Clock = new TestClock(TimeProvider.System.GetUtcNow()),
        };
        Service.UseKestrel();
    }

    public MiddlewareService Service { get; }

    public X509Certificate2 Authority { get; } = MadeCertificate.Authority();

    public Uri Address => field ??= new(Service.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());

    /// <summary>Exchanges the files; the service sees it when the time goes on.</summary>
    public void Put(string certificate, string key, params (string Name, string Text)[] more) => _secret.Put([(Certificate, certificate), (Key, key), .. more]);

    public X509Certificate2 Put(X509Certificate2 certificate, params (string Name, string Text)[] more)
    {
        Put(certificate.ExportCertificatePem(), certificate.KeyPem(), more);
        return certificate;
    }

    public X509Certificate2 PutNew() => Put(MadeCertificate.Server(Authority));

    /// <summary>Lets the service look at its files, and waits until it has logged this so often.</summary>
    public async Task Until(string line, int times = 1)
    {
        Service.Clock.Advance(SecretSettings.Interval);
        await Waiting.Until(() => Service.Log.Of(line).Count() == times);
    }

    /// <summary>A client with a connection of its own, which notes the certificates that it is shown.</summary>
    public TlsClient Client(X509Certificate2? certificate = null, bool keepsAlive = true, params X509Certificate2[] issuers) => new(Address, Authority, certificate, keepsAlive, issuers);

    public async ValueTask DisposeAsync()
    {
        await Service.DisposeAsync();
        _secret.Dispose();
    }
}

internal sealed class TlsClient : IDisposable
{
    private readonly HttpClient _http;
    private readonly List<string> _shown = [];

    public TlsClient(Uri address, X509Certificate2 authority, X509Certificate2? certificate, bool keepsAlive, params X509Certificate2[] issuers)
    {
        var handler = new SocketsHttpHandler
        {
            PooledConnectionLifetime = keepsAlive ? Timeout.InfiniteTimeSpan : TimeSpan.Zero,
            SslOptions = new SslClientAuthenticationOptions
            {
                LocalCertificateSelectionCallback = issuers is [] ? (_, _, _, _, _) => certificate! : null,
                ClientCertificateContext = issuers is [] ? null : SslStreamCertificateContext.Create(certificate!, [.. issuers], offline: true),
                CertificateChainPolicy = new X509ChainPolicy
                {
                    TrustMode = X509ChainTrustMode.CustomRootTrust,
                    CustomTrustStore = { authority },
                    RevocationMode = X509RevocationMode.NoCheck,
                    DisableCertificateDownloads = true,
                },
                RemoteCertificateValidationCallback = Note,
            },
        };
        _http = new HttpClient(handler) { BaseAddress = address };
    }

    /// <summary>The thumbprints of the certificates that it was shown, one for each connection.</summary>
    public IReadOnlyList<string> Shown
    {
        get
        {
            lock (_shown)
            {
                return [.. _shown];
            }
        }
    }

    public Task<HttpResponseMessage> Get(string path, params IEnumerable<string> headers) => _http.Send(HttpMethod.Get, path, null, null, headers);

    public Task<HttpResponseMessage> Post() => _http.SendJson(HttpMethod.Post, "/integrations/events", ServiceRequests.Valid);

    /// <summary>True when the service ends the handshake, or the connection at the first request after it (TLS 1.3).</summary>
    public async Task<bool> IsRefused()
    {
        try
        {
            using var answer = await Get("/alive");
            return false;
        }
        catch (HttpRequestException exception)
        {
            return exception.InnerException is AuthenticationException or IOException;
        }
    }

    public void Dispose() => _http.Dispose();

    private bool Note(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        lock (_shown)
        {
            _shown.Add(certificate!.GetCertHashString());
        }

        // The address is this machine's, the name is not.
        return (errors & ~SslPolicyErrors.RemoteCertificateNameMismatch) == SslPolicyErrors.None;
    }
}
