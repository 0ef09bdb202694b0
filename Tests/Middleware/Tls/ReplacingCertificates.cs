using Tests.Middleware.Sending;

namespace Tests.Middleware.Tls;

public sealed class ReplacingCertificates : IAsyncDisposable
{
    private const string Replaced = "TLS certificate replaced";
    private const string NotTaken = "changed secret not taken: the one of before stays until the file changes again";

    private readonly TlsStage _stage = new();

    public ValueTask DisposeAsync() => _stage.DisposeAsync();

    [Fact]
    public async Task A_replacement_under_load_fails_no_request()
    {
        var first = _stage.PutNew();
        using var keeping = _stage.Client();
        using var changing = _stage.Client(keepsAlive: false);
        using var stop = new CancellationTokenSource();
        var load = Enumerable.Range(0, 6).Select(number => Task.Run(() => PostAsync(number % 2 == 0 ? keeping : changing, stop.Token), Waiting.Cancellation)).ToList();

        // Each of the three that keep theirs has it before the first replacement, however late its thread comes.
        await Waiting.Until(() => keeping.Shown.Count == 3 || load.Exists(static one => one.IsFaulted));
        var last = first;
        for (var number = 1; number <= 5; number++)
        {
            var shown = changing.Shown.Count;
            await Waiting.Until(() => changing.Shown.Count > shown || load.Exists(static one => one.IsFaulted));
            last = _stage.PutNew();
            await _stage.Until(Replaced, number);
        }

        await Waiting.Until(() => changing.Shown[^1] == last.Thumbprint || load.Exists(static one => one.IsFaulted));
        await stop.CancelAsync();
        Assert.All(await Task.WhenAll(load), static answered => Assert.NotEqual(0, answered));

        // Their connections were kept: no handshake but those of the beginning.
        Assert.All(keeping.Shown, thumbprint => Assert.Equal(first.Thumbprint, thumbprint));
        Assert.Equal(6, changing.Shown.Distinct().Count());
    }

    [Theory]
    [InlineData("cut certificate", "TLS_CERT_FILE: the text of \"{cert}\" is not accepted; expected a certificate in PEM, followed by those of its issuers.")]
    [InlineData("cut issuer", "TLS_CERT_FILE: the text of \"{cert}\" is not accepted; expected a certificate in PEM, followed by those of its issuers.")]
    [InlineData("no key", "TLS_KEY_FILE: the text of \"{key}\" is not accepted; expected a private key in PEM.")]
    // The key of before stays for an empty file, and does not fit.
    [InlineData("empty key", "TLS_KEY_FILE: the text of \"{key}\" is not accepted; expected the whole private key of the first certificate of TLS_CERT, without a password.")]
    [InlineData("cut key", "TLS_KEY_FILE: the text of \"{key}\" is not accepted; expected the whole private key of the first certificate of TLS_CERT, without a password.")]
    [InlineData("key of another", "TLS_KEY_FILE: the text of \"{key}\" is not accepted; expected the whole private key of the first certificate of TLS_CERT, without a password.")]
    public async Task A_broken_replacement_changes_nothing_until_it_is_whole(string broken, string warning)
    {
        var first = _stage.PutNew();
        using var client = _stage.Client(keepsAlive: false);
        await IsShownAsync(first.Thumbprint);

        var next = MadeCertificate.Server(_stage.Authority);
        var (certificate, key) = (next.ExportCertificatePem(), next.KeyPem());
        _stage.Put(
            broken switch { "cut certificate" => certificate[..200], "cut issuer" => certificate + "\n" + _stage.Authority.ExportCertificatePem()[..200], _ => certificate },
            broken switch { "no key" => "none", "empty key" => "", "cut key" => key[..200], "key of another" => first.KeyPem(), _ => key });
        await _stage.Until(NotTaken);

        await IsShownAsync(first.Thumbprint);

        var line = Assert.Single(_stage.Service.Log.Of(NotTaken));
        var path = _stage.Service.Settings.ToDictionary();
        Assert.Equal(warning.Replace("{cert}", path["TLS_CERT_FILE"], StringComparison.Ordinal).Replace("{key}", path["TLS_KEY_FILE"], StringComparison.Ordinal), line.Values["error"]);
        _stage.Put(next);
        await _stage.Until(Replaced);
        await IsShownAsync(next.Thumbprint);

        async Task IsShownAsync(string thumbprint)
        {
            await client.Get("/alive").HasStatus(HttpStatusCode.OK);
            Assert.Equal(thumbprint, client.Shown[^1]);
        }
    }

    [Fact]
    public async Task The_issuers_in_the_file_are_sent_along()
    {
        var issuer = MadeCertificate.Authority("Issuer", issuer: _stage.Authority);
        var certificate = MadeCertificate.Server(issuer);
        _stage.Put($"{certificate.ExportCertificatePem()}\n{issuer.ExportCertificatePem()}\n", certificate.KeyPem());
        using var client = _stage.Client();

        using var answer = await client.Post().WithStatus(HttpStatusCode.OK);

        Assert.Equal(new Version(1, 1), answer.Version);
    }

    [Theory]
    [InlineData("receiver.example", "max-age=31536000")]
    [InlineData("localhost:8080", null)]
    public async Task A_browser_that_came_by_TLS_stays_with_it(string host, string? expected)
    {
        _stage.PutNew();
        using var client = _stage.Client();

        using var answer = await client.Get("/alive", $"Host: {host}");

        Assert.Equal(expected, answer.Headers.TryGetValues("Strict-Transport-Security", out var values) ? values.Single() : null);
    }

    [Fact]
    public async Task Without_TLS_a_browser_is_not_kept_to_it()
    {
        await using var service = MiddlewareService.InMemory();
        using var answer = await service.Http.Send(HttpMethod.Get, "/alive", null, null);

        Assert.False(answer.Headers.Contains("Strict-Transport-Security"));
    }

    [Fact]
    public async Task A_certificate_that_has_expired_is_a_warning()
    {
        var certificate = _stage.Put(MadeCertificate.Server(_stage.Authority, to: -1));
        _ = _stage.Address;

        await Waiting.Until(() => _stage.Service.Log.Of("TLS certificate is not valid today: clients refuse it").Any());
        Assert.Equal(certificate.Subject, _stage.Service.Log.Of("TLS certificate in use").Single().Values["subject"]);
    }

    private static async Task<int> PostAsync(TlsClient client, CancellationToken stop)
    {
        var answered = 0;
        while (!stop.IsCancellationRequested)
        {
            await client.Post().HasStatus(HttpStatusCode.OK);
            answered++;
        }

        return answered;
    }
}
