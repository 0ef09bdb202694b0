using System.Net.Sockets;
using System.Security.Authentication;
using Middleware.Domain;

namespace Middleware.Outbound;

/// <summary>Tells by what was thrown why a try failed.</summary>
internal static class FailureClassifier
{
    /// <summary>Null for what no receiver and no network can bring about: a defect.</summary>
    public static (string Reason, string Error)? Classify(Exception exception) => exception switch
    {
        OperationCanceledException => (FailureReason.Timeout, "no answer within the time-out"),
        { InnerException: AddressRefusedException } => (FailureReason.AddressRefused, exception.InnerException.Message),
        HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError } => (FailureReason.Dns, exception.Message),
        HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } => (FailureReason.Tls, exception.Message),
        { InnerException: AuthenticationException } => (FailureReason.Tls, exception.InnerException.Message),
        _ when FindSocketError(exception) is { } error => (ReasonOf(error), exception.Message),
        HttpRequestException { HttpRequestError: HttpRequestError.ResponseEnded } => (FailureReason.ConnectionReset, exception.Message),
        HttpRequestException or IOException or AuthenticationException => (FailureReason.Network, exception.Message),
        _ => null,
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
