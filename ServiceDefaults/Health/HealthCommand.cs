using System.Diagnostics.CodeAnalysis;
using System.Net.Sockets;
using ServiceDefaults.Settings;

namespace ServiceDefaults.Health;

/// <summary>
/// The command that asks the service of the same settings on this machine whether it is ready. An image without a shell has nothing else for it. Exit
/// code 0: ready; 1: not ready, with one line on standard error.
/// </summary>
public static class HealthCommand
{
    /// <summary>The command's word.</summary>
    public const string Word = "--healthcheck";

    private const string Ready = "/health/ready";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    /// <summary>Asks once.</summary>
    /// <param name="settings">The settings behind the word, as the service has them on its command line.</param>
    /// <param name="defaultPort">The port of a service without <c>PORT</c>.</param>
    public static async Task<int> RunAsync(string[] settings, int defaultPort)
    {
        var reader = SettingsReader.ForCommand(settings);
        Listening.Read(reader, defaultPort);
        if (reader.Failures.Count > 0)
        {
            return await FailAsync(string.Join(' ', reader.Failures));
        }

        var (address, socket) = Listening.FromThisMachine(reader, defaultPort);
        var readiness = new Uri(address, Ready);
        try
        {
            using var client = NewClient(socket);
            using var answer = await client.GetAsync(readiness, HttpCompletionOption.ResponseHeadersRead, CancellationToken.None);
            return answer.IsSuccessStatusCode ? 0 : await FailAsync($"{readiness} answered {(int)answer.StatusCode}");
        }
        catch (HttpRequestException exception)
        {
            return await FailAsync($"{readiness} did not answer ({exception.Message.ReplaceLineEndings(" ").TrimEnd('.')})");
        }
        catch (TaskCanceledException)
        {
            return await FailAsync($"{readiness} did not answer within {Limit.TotalSeconds} s");
        }
    }

    [SuppressMessage("Security", "CA5359", Justification = "The certificate names the service as others reach it. Nothing secret is sent, and the answer is a status.")]
    private static HttpClient NewClient(string? socket)
    {
        var handler = new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, ConnectTimeout = Limit };
        handler.SslOptions.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
        if (socket is not null)
        {
            handler.ConnectCallback = async (_, cancellationToken) =>
            {
                var connection = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await connection.ConnectAsync(new UnixDomainSocketEndPoint(socket), cancellationToken);
                return new NetworkStream(connection, ownsSocket: true);
            };
        }

        return new HttpClient(handler, disposeHandler: true) { Timeout = Limit };
    }

    private static async Task<int> FailAsync(string reason)
    {
        await Console.Error.WriteLineAsync($"not ready: {reason}");
        return 1;
    }
}
