using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Middleware.Events;
using Middleware.Sending;

namespace Tests.Middleware.Sending;

public class WhyTlsFailed
{
    private const SslProtocols Tls10 = (SslProtocols)192;

    private static readonly Dictionary<string, (Func<NetworkStream, CancellationToken, Task> Serve, string[] Said)> Receivers = new()
    {
        ["self-signed"] = (MadeCertificate.Show(MadeCertificate.Server()), ["the receiver's certificate is self-signed and not trusted here"]),
        ["issuer unknown"] = (
            MadeCertificate.Show(MadeCertificate.Server(MadeCertificate.Authority())),
            ["the receiver's certificate is issued by CN=Test Authority, which is neither sent along nor known here"]),
        ["expired"] = (MadeCertificate.Show(MadeCertificate.Server(to: -1)), [$"expired at {MadeCertificate.Day(-1)}", "is self-signed and not trusted here"]),
        ["not yet valid"] = (MadeCertificate.Show(MadeCertificate.Server(from: 1)), [$"is not valid before {MadeCertificate.Day(1)}"]),
        ["wrong host"] = (MadeCertificate.Show(MadeCertificate.Server(host: "other.example")), ["is for other.example, not for receiver.example", "self-signed"]),
        ["old protocol"] = (MadeCertificate.Show(MadeCertificate.Server(), Tls10), ["the receiver has no TLS version or cipher suite in common with this machine"]),
        ["plain HTTP"] = (AnswerPlainly, ["the receiver answers at this port, and not in TLS"]),
        ["ends at once"] = (static (_, _) => Task.CompletedTask, ["during the TLS handshake"]),
        ["ends after the greeting"] = (Greeted(static _ => { }), ["the receiver ended the connection during the TLS handshake"]),
        ["cut after the greeting"] = (
            Greeted(static connection => connection.Socket.Close(timeout: 0)),
            ["the connection was cut during the TLS handshake: ", "Connection reset by peer"]),
    };

    private readonly TestClock _clock = new() { Hurried = Sender.Pauses };

    public static TheoryData<string> Troubles => [.. Receivers.Keys];

    [Theory]
    [MemberData(nameof(Troubles))]
    public async Task The_error_says_what_is_wrong_with_the_receiver(string trouble)
    {
        var (serve, said) = Receivers[trouble];
        await using var receiver = Receiver.Serving(serve);
        await using var sender = new Sender(_clock, Sender.Resolving("127.0.0.1"));

        var attempt = (await sender.Send(new Uri($"https://{MadeCertificate.Host}:{receiver.Port}/"), maxRetries: 0)).Last;

        Assert.Equal((FailureReason.Tls, null), (attempt.Reason, attempt.StatusCode));
        Assert.All(said, part => Assert.Contains(part, attempt.Error, StringComparison.Ordinal));
        WhatErrorsSay.IsForPeople(attempt.Error);
    }

    [Theory]
    [InlineData(-10, 10, MadeCertificate.Host, null)]
    [InlineData(-10, -2, MadeCertificate.Host, "expired at {-2}")]
    [InlineData(2, 10, MadeCertificate.Host, "is not valid before {2}")]
    [InlineData(-10, 10, "other.example", "is for other.example, not for receiver.example")]
    [InlineData(-10, -2, "other.example", "is for other.example, not for receiver.example; expired at {-2}")]
    public async Task A_certificate_that_is_trusted_is_accepted_only_for_its_host_and_its_days(int from, int to, string host, string? fault)
    {
        var authority = MadeCertificate.Authority();

        var error = await ErrorOf(MadeCertificate.Server(authority, from, to, host), authority);

        Assert.Equal(fault is null ? null : "the receiver's certificate " + Dated(fault), error);
    }

    [Theory]
    [InlineData(-1_000, -3, "the receiver's certificate has an issuer, CN=Middle Authority, that expired at {-3}")]
    [InlineData(-1_000, 1_000, null)]
    public async Task An_issuer_between_is_judged_too(int from, int to, string? fault)
    {
        var root = MadeCertificate.Authority();
        var middle = MadeCertificate.Authority("Middle Authority", from, to, root);

        var error = await ErrorOf(MadeCertificate.Server(middle), root, middle);

        Assert.Equal(fault is null ? null : Dated(fault), error);
    }

    /// <summary>The error of a client that trusts the authority about a server; null when it accepts the server.</summary>
    private static async Task<string?> ErrorOf(X509Certificate2 certificate, X509Certificate2 trusted, params X509Certificate2[] known)
    {
        await using var receiver = Receiver.Serving(MadeCertificate.Show(certificate));
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, receiver.Port, Waiting.Cancellation);
        await using var secure = new SslStream(client.GetStream());
        var trust = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        trust.CustomTrustStore.Add(trusted);
        trust.ExtraStore.AddRange(known);
        try
        {
            await secure.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = MadeCertificate.Host,
                    CertificateChainPolicy = trust,
                    RemoteCertificateValidationCallback = CertificateCheck.Accept,
                },
                Waiting.Cancellation).InTime();
            return null;
        }
        catch (CertificateRefusedException refused)
        {
            return refused.Message;
        }
    }

    /// <summary>With the day for each number of days in braces.</summary>
    private static string Dated(string text) => text.Split('{', '}') is [var before, var day, var after]
        ? before + MadeCertificate.Day(int.Parse(day, null)) + after
        : text;

    private static Func<NetworkStream, CancellationToken, Task> Greeted(Action<NetworkStream> then) => async (connection, stop) =>
    {
        await connection.ReadAtLeastAsync(new byte[4096], 1, throwOnEndOfStream: false, stop);
        then(connection);
    };

    private static async Task AnswerPlainly(NetworkStream connection, CancellationToken stop)
    {
        await connection.ReadAtLeastAsync(new byte[4096], 1, throwOnEndOfStream: false, stop);
        await connection.WriteAsync("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"u8.ToArray(), stop);
    }
}
