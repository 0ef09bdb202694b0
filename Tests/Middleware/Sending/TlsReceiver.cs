using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Tests.Middleware.Sending;

/// <summary>A receiver on the loopback that does one thing to each connection and then ends it.</summary>
internal sealed class TlsReceiver : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopped = new();
    private readonly Task _accepting;

    public TlsReceiver(Func<NetworkStream, CancellationToken, Task> serve)
    {
        _listener.Start();
        _accepting = AcceptAsync(serve);
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

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

    public async ValueTask DisposeAsync()
    {
        await _stopped.CancelAsync();
        _listener.Stop();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopped.Dispose();
    }

    private async Task AcceptAsync(Func<NetworkStream, CancellationToken, Task> serve)
    {
        while (true)
        {
            await using var connection = new NetworkStream(await _listener.AcceptSocketAsync(_stopped.Token), ownsSocket: true);
            await serve(connection, _stopped.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
