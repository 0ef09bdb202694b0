using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Tests.Middleware.Sending;

namespace Tests.Middleware.ProcessTests;

/// <summary>In a process of its own, which trusts the authority of the receiver.</summary>
[RunsNatively]
public class ShowingACertificate
{
    private readonly TaskCompletionSource<string?> _shown = new(TaskCreationOptions.RunContinuationsAsynchronously);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_receiver_behind_a_proxy_sees_the_certificate_of_its_endpoint(bool isRsa)
    {
        using var folder = new TemporaryDirectory();
        using var authority = MadeCertificate.Authority();
        using var certificate = isRsa ? MadeCertificate.Rsa("client.example") : MadeCertificate.Server(host: "client.example");
        var trusted = Path.Combine(folder.Path, "trusted.pem");
        await File.WriteAllTextAsync(trusted, authority.ExportCertificatePem(), Waiting.Cancellation);
        await using var receiver = Receiver.Serving((connection, stop) => AnswerAsync(connection, MadeCertificate.Server(authority, host: "localhost"), stop));
        await using var proxy = new ForwardProxy();
        using var service = await RunningMiddleware.StartAsync($"SSL_CERT_FILE={trusted}", $"OUTBOUND_PROXY={proxy.Url}");
        var (id, _) = await service.Client.Register(new JsonObject
        {
            ["name"] = "pager",
            ["url"] = $"https://localhost:{receiver.Port}/",
            ["auth"] = new JsonObject { ["kind"] = "mtls", ["certificate"] = certificate.ExportCertificatePem(), ["key"] = certificate.KeyPem() },
        }.ToJsonString());

        var attempt = await service.Client.Do(id, "test");

        Assert.Equal((200, null), ((int?)attempt["status_code"], (string?)attempt["error"]));
        Assert.Equal(certificate.GetCertHashString(HashAlgorithmName.SHA256), await _shown.Task.InTime());
        Assert.Equal([$"CONNECT localhost:{receiver.Port} HTTP/1.1"], proxy.Requests);
        Assert.Equal(0, await service.StopAsync());
    }

    private async Task AnswerAsync(NetworkStream connection, X509Certificate2 certificate, CancellationToken stop)
    {
        await using var secure = new SslStream(connection);
        await secure.AuthenticateAsServerAsync(
            new SslServerAuthenticationOptions
            {
                ServerCertificateContext = SslStreamCertificateContext.Create(certificate, null, offline: true),
                ClientCertificateRequired = true,
                RemoteCertificateValidationCallback = (_, shown, _, _) =>
                {
                    _shown.TrySetResult(shown?.GetCertHashString(HashAlgorithmName.SHA256));
                    return shown is not null;
                },
            },
            stop);
        using var reader = new StreamReader(secure, Encoding.Latin1);
        var length = 0;
        while (await reader.ReadLineAsync(stop) is { Length: > 0 } line)
        {
            length = line.StartsWith("Content-Length: ", StringComparison.Ordinal) ? int.Parse(line.AsSpan(16), CultureInfo.InvariantCulture) : length;
        }

        await reader.ReadBlockAsync(new char[length], stop);
        await secure.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"u8.ToArray(), stop);
        await secure.ReadAtLeastAsync(new byte[1], 1, throwOnEndOfStream: false, stop);
    }
}
