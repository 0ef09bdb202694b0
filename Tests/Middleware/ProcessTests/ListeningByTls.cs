using Tests.Middleware.Sending;
using Tests.Middleware.Tls;

namespace Tests.Middleware.ProcessTests;

[RunsNatively]
public sealed class ListeningByTls : IDisposable
{
    private readonly MountedSecret _secret = new();

    public void Dispose() => _secret.Dispose();

    [Theory]
    [InlineData("Middleware.Api")]
    [InlineData("ExternalAlerts.Api")]
    public async Task The_port_is_then_of_TLS_alone_and_the_files_are_followed(string project)
    {
        var authority = MadeCertificate.Authority();
        var first = Put();
        using var service = await StartAsync();
        Assert.Equal("https", service.Address.Scheme);
        var address = new Uri($"https://127.0.0.1:{service.Address.Port}");
        using var client = new TlsClient(address, authority, certificate: null, keepsAlive: false);
        await client.Get("/health/ready").HasStatus(HttpStatusCode.OK);

        using var plain = await RawConnection.OpenAsync(address);
        await plain.SendAsync("GET /alive HTTP/1.1\r\nHost: x\r\n\r\n");
        Assert.Null(await plain.ReadAsync());

        var next = Put();
        await Waiting.Until(() => service.Log.Any(static line => (string?)line["msg"] == "TLS certificate replaced"));
        await client.Get("/alive").HasStatus(HttpStatusCode.OK);
        Assert.Equal([first, next], client.Shown);

        Assert.Equal(0, await service.StopAsync());
        Assert.Empty(service.Errors);

        string Put()
        {
            var made = MadeCertificate.Server(authority);
            _secret.Put(("tls.crt", made.ExportCertificatePem()), ("tls.key", made.KeyPem()));
            return made.Thumbprint;
        }

        // The port may be taken between the look and the start.
        async Task<ServiceProcess> StartAsync()
        {
            for (var tries = 0; ; tries++)
            {
                try
                {
                    return await ServiceProcess.StartAsync(
                        project, $"PORT={LoopbackPort.Free()}", $"TLS_CERT_FILE={_secret.PathOf("tls.crt")}", $"TLS_KEY_FILE={_secret.PathOf("tls.key")}", "ConnectionStrings__events=memory");
                }
                catch (InvalidOperationException) when (tries < 3)
                {
                }
            }
        }
    }

    [Fact]
    public async Task Addresses_of_the_framework_s_own_settings_may_be_without_it_and_are_a_warning()
    {
        var made = MadeCertificate.Server();
        _secret.Put(("tls.pem", $"{made.ExportCertificatePem()}\n{made.KeyPem()}"));
        using var service = await ServiceProcess.StartAsync(
            "ExternalAlerts.Api", $"TLS_CERT_FILE={_secret.PathOf("tls.pem")}", $"TLS_KEY_FILE={_secret.PathOf("tls.pem")}", "ASPNETCORE_URLS=http://127.0.0.1:0;https://127.0.0.1:0");
        await Waiting.Until(() => service.Log.Any(static line => (string?)line["msg"] == "TLS certificate in use"));
        Assert.Equal(0, await service.StopAsync());

        var warning = Assert.Single(service.Log, static line => (string?)line["level"] == "warn");
        Assert.Equal("an address is listened on without TLS", (string?)warning["msg"]);
    }

    [Fact]
    public async Task A_certificate_without_its_key_is_one_line()
    {
        _secret.Put(("tls.crt", MadeCertificate.Server().ExportCertificatePem()));
        using var service = ServiceProcess.Begin("ExternalAlerts.Api", $"TLS_CERT_FILE={_secret.PathOf("tls.crt")}");

        Assert.Equal(1, await service.ExitCodeAsync());
        Assert.Equal(["TLS_KEY_FILE: \"\" is not accepted; expected it with TLS_CERT_FILE, or neither."], service.Reasons);
    }
}
