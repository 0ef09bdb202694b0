using System.Security.Cryptography.X509Certificates;
using Tests.Middleware.Sending;
using Tests.Middleware.Tls;

namespace Tests.Middleware.Callers;

/// <summary>Client certificates as credentials.</summary>
public sealed class ShowingCertificates : IAsyncDisposable
{
    private const string Authorities = "clients.crt";
    private const string Path = "/api/v1/events";

    private readonly X509Certificate2 _authority = MadeCertificate.Authority("Clients");
    private readonly TlsStage _stage = new(("TLS_CLIENT_CA_FILE", $"@{Authorities}"), ("AUTH", "cert"), ("CERT_SCOPES", "reader=events:read,scraper=metrics"));

    public ShowingCertificates() => Put(_authority);

    public ValueTask DisposeAsync() => _stage.DisposeAsync();

    [Theory]
    [InlineData("reader", HttpStatusCode.OK, HttpStatusCode.Forbidden)]
    [InlineData("scraper", HttpStatusCode.Forbidden, HttpStatusCode.OK)]
    [InlineData("Reader", HttpStatusCode.Forbidden, HttpStatusCode.Forbidden)]
    [InlineData(null, HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized)]
    public async Task A_name_has_its_scopes(string? name, HttpStatusCode events, HttpStatusCode metrics)
    {
        using var client = _stage.Client(name is null ? null : MadeCertificate.Client(_authority, name));

        Assert.Equal((events, metrics), (await Status(client, Path), await Status(client, "/metrics")));
    }

    [Fact]
    public async Task An_open_connection_ends_with_its_authority_and_not_with_another_certificate_of_the_service()
    {
        using var client = _stage.Client(MadeCertificate.Client(_authority, "reader"));
        Assert.Equal(HttpStatusCode.OK, await Status(client, Path));

        Put(_authority);
        await _stage.Until("TLS certificate replaced");
        Assert.Equal(HttpStatusCode.OK, await Status(client, Path));

        Put(MadeCertificate.Authority("Later Clients"));
        await _stage.Until("TLS certificate replaced", times: 2);
        Assert.Equal(HttpStatusCode.Unauthorized, await Status(client, Path));
        Assert.Single(client.Shown);
    }

    [Fact]
    public async Task An_issuer_that_the_client_sends_and_the_service_does_not_have_is_good_enough()
    {
        var issuer = MadeCertificate.Authority("Issuer", issuer: _authority);
        using var client = _stage.Client(MadeCertificate.Client(issuer, "reader"), issuers: issuer);

        Assert.Equal(HttpStatusCode.OK, await Status(client, Path));

        Put(MadeCertificate.Authority("Later Clients"));
        await _stage.Until("TLS certificate replaced");
        Assert.Equal(HttpStatusCode.Unauthorized, await Status(client, Path));
    }

    private void Put(X509Certificate2 authority) => _stage.Put(MadeCertificate.Server(_stage.Authority), (Authorities, authority.ExportCertificatePem()));

    private static Task<HttpStatusCode> Status(TlsClient client, string path) => client.Get(path).StatusCode();
}
