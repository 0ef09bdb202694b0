using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using ServiceDefaults.Tls;
using Tests.Middleware.Sending;

namespace Tests.Middleware.Tls;

public sealed class ShowingClientCertificates : IAsyncDisposable
{
    private const string Authorities = "clients.crt";
    private const string Shown = "X-Shown";

    private readonly X509Certificate2 _authority = MadeCertificate.Authority("Clients");
    private readonly TlsStage _stage = new(("TLS_CLIENT_CA_FILE", $"@{Authorities}"));

    public ShowingClientCertificates()
    {
        Put(_authority);
        _stage.Service.With = static services => services.AddSingleton<IStartupFilter, ShowFilter>();
    }

    public ValueTask DisposeAsync() => _stage.DisposeAsync();

    [Fact]
    public async Task A_client_need_not_have_one()
    {
        using var client = _stage.Client();

        Assert.Null(await ShownBy(client));
    }

    [Fact]
    public async Task One_of_the_authority_is_there_for_the_request()
    {
        using var issuer = MadeCertificate.Authority("Issuer", issuer: _authority);
        Put(_authority, issuer);
        using var direct = _stage.Client(MadeCertificate.Client(_authority, "direct"));
        using var issued = _stage.Client(MadeCertificate.Client(issuer, "issued"));

        Assert.Equal("CN=direct", await ShownBy(direct));
        Assert.Equal("CN=issued", await ShownBy(issued));
    }

    [Fact]
    public async Task One_of_another_ends_the_connection()
    {
        X509Certificate2[] others =
        [
            MadeCertificate.Client(MadeCertificate.Authority("Clients")), MadeCertificate.Client(issuer: null), MadeCertificate.Client(_authority, to: -1),
            MadeCertificate.Server(_authority), MadeCertificate.Client(_stage.Authority),
        ];
        foreach (var other in others)
        {
            using var client = _stage.Client(other);
            Assert.True(await client.IsRefused());
            Assert.False(_stage.Service.Services.GetRequiredService<TlsListening>().Trusts(other));
        }
    }

    [Fact]
    public async Task The_authorities_are_replaced_too()
    {
        var old = MadeCertificate.Client(_authority, "old");
        using (var client = _stage.Client(old))
        {
            Assert.Equal("CN=old", await ShownBy(client));
        }

        var tls = _stage.Service.Services.GetRequiredService<TlsListening>();
        Assert.True(tls.Trusts(old));
        var authority = MadeCertificate.Authority("Later Clients");
        Put(authority);
        await _stage.Until("TLS certificate replaced");

        Assert.False(tls.Trusts(old));
        using var refused = _stage.Client(old);
        Assert.True(await refused.IsRefused());
        using var next = _stage.Client(MadeCertificate.Client(authority, "next"));
        Assert.Equal("CN=next", await ShownBy(next));
    }

    private void Put(params X509Certificate2[] authorities) =>
        _stage.Put(MadeCertificate.Server(_stage.Authority), (Authorities, string.Join('\n', authorities.Select(static authority => authority.ExportCertificatePem()))));

    private static async Task<string?> ShownBy(TlsClient client)
    {
        using var answer = await client.Get("/alive").WithStatus(HttpStatusCode.OK);
        return answer.Headers.TryGetValues(Shown, out var shown) ? shown.Single() : null;
    }

    private sealed class ShowFilter : IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            app.Use(static (context, next) =>
            {
                if (context.Connection.ClientCertificate is { } certificate)
                {
                    context.Response.Headers[Shown] = certificate.Subject;
                }

                return next(context);
            });
            next(app);
        };
    }
}
