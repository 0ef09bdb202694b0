using System.Net.Sockets;
using System.Security.Authentication;
using Middleware.Domain;
using Polly.Timeout;

namespace Middleware.Outbound;

/// <summary>Tells by what was thrown why a try failed.</summary>
internal static class FailureClassifier
{
    public static (string Reason, string Error) Classify(Exception exception) => exception switch
    {
        OperationCanceledException or TimeoutRejectedException => (FailureReason.Timeout, "no answer within the time-out"),
        AddressRefusedException => (FailureReason.AddressRefused, exception.Message),
        HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError } => (FailureReason.Dns, exception.Message),
        HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } => (FailureReason.Tls, exception.Message),
        { InnerException: AuthenticationException } => (FailureReason.Tls, exception.InnerException.Message),
        _ when FindSocketError(exception) is { } error => (ReasonOf(error), exception.Message),
        HttpRequestException { HttpRequestError: HttpRequestError.ResponseEnded } => (FailureReason.ConnectionReset, exception.Message),
        _ => (FailureReason.Network, exception.Message),
    };

    private static string ReasonOf(SocketError error) => error switch
    {
        SocketError.ConnectionRefused => FailureReason.ConnectionRefused,
        SocketError.ConnectionReset or SocketError.ConnectionAborted or SocketError.Shutdown => FailureReason.ConnectionReset,
        SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain => FailureReason.Dns,
        SocketError.TimedOut => FailureReason.Timeout,
        _ => FailureReason.Network,
    };

    private static SocketError? FindSocketError(Exception? exception)
    {
        for (; exception is not null; exception = exception.InnerException)
        {
            if (exception is SocketException socket)
            {
                return socket.SocketErrorCode;
            }
        }

        return null;
    }
}
