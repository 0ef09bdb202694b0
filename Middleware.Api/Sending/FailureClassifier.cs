using System.Net.Sockets;
using System.Security.Authentication;
using Middleware.Events;

namespace Middleware.Sending;

/// <summary>Gives a failed attempt its reason and its error by its exception.</summary>
internal static class FailureClassifier
{
    /// <summary>The longest error. Receivers write part of some errors: of a certificate its names.</summary>
    private const int ErrorLimit = 500;

    /// <summary>The text before the reason in an error of OpenSSL's.</summary>
    private const string OpenSsl = "SSL routines::";

    /// <summary>The reason and the error. Null for a defect, which no receiver and no network can cause.</summary>
    public static (string Reason, string Error)? Classify(Exception exception)
    {
        (string Reason, string Error)? found = exception switch
        {
            NoTokenInTimeException late => (FailureReason.Timeout, late.Message),
            NoCredentialsException refused => (refused.Reason, refused.Message),
            OperationCanceledException => (FailureReason.Timeout, "no answer within the time-out"),
            { InnerException: AddressRefusedException refused } => (FailureReason.AddressRefused, refused.Message),
            _ when IsOfTls(exception) => (FailureReason.Tls, TlsError(exception.GetBaseException())),
            HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError } => (FailureReason.Dns, Text(exception)),
            _ when Find<SocketException>(exception) is { } socket => (ReasonOf(socket.SocketErrorCode), Text(exception)),
            HttpRequestException { HttpRequestError: HttpRequestError.ProxyTunnelError } => (FailureReason.Proxy, Text(exception)),
            HttpRequestException { HttpRequestError: HttpRequestError.ResponseEnded } =>
                (FailureReason.ConnectionReset, "the receiver ended the connection before its answer was complete"),

            // The framework repeats what came, which may be the event itself.
            _ when IsInvalidHttp(exception) => (FailureReason.Network, "the answer is not valid HTTP/1.1"),
            HttpRequestException or IOException => (FailureReason.Network, Text(exception)),
            _ => null,
        };
        return found is var (reason, error) ? (reason, Limited(error)) : null;
    }

    private static string Limited(string error) => error.Length <= ErrorLimit
        ? error
        : string.Concat(error.AsSpan(0, char.IsHighSurrogate(error[ErrorLimit - 1]) ? ErrorLimit - 1 : ErrorLimit), "...");

    private static string ReasonOf(SocketError error) => error switch
    {
        SocketError.ConnectionRefused => FailureReason.ConnectionRefused,
        SocketError.ConnectionReset or SocketError.ConnectionAborted or SocketError.Shutdown => FailureReason.ConnectionReset,
        SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain or SocketError.NoRecovery => FailureReason.Dns,
        SocketError.TimedOut => FailureReason.Timeout,
        _ => FailureReason.Network,
    };

    /// <summary>
    /// True for a failure of TLS. A receiver that wants our certificate may refuse only after the handshake: by then only OpenSSL's text is left to
    /// recognize it by.
    /// </summary>
    private static bool IsOfTls(Exception exception) =>
        exception is HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError }
        || Find<AuthenticationException>(exception) is not null
        || exception.GetBaseException().Message.Contains(OpenSsl, StringComparison.Ordinal);

    private static bool IsInvalidHttp(Exception exception) =>
        exception is HttpRequestException { HttpRequestError: HttpRequestError.InvalidResponse } || Find<HttpIOException>(exception) is { HttpRequestError: HttpRequestError.InvalidResponse };

    private static string TlsError(Exception cause) => cause switch
    {
        CertificateRefusedException => cause.Message,
        SocketException => $"the connection was cut during the TLS handshake: {cause.Message}",
        IOException => "the receiver ended the connection during the TLS handshake",
        _ when cause.Message.IndexOf(OpenSsl, StringComparison.Ordinal) is >= 0 and var at => TlsError(cause.Message[(at + OpenSsl.Length)..]),
        _ when cause.Message.Contains("frame", StringComparison.Ordinal) => "the receiver answers at this port, and not in TLS",
        _ => $"the TLS handshake failed: {cause.Message}",
    };

    private static string TlsError(string reason) =>
        reason.Contains("protocol", StringComparison.Ordinal) || reason.Contains("version", StringComparison.Ordinal) || reason.Contains("handshake", StringComparison.Ordinal)
            ? $"the receiver has no TLS version or cipher suite in common with this machine: {reason}"
            : $"TLS failed: {reason}";

    /// <summary>The innermost message, with the addition of the outermost that repeats it: host and port, or whether it was a read.</summary>
    private static string Text(Exception exception)
    {
        var cause = exception.GetBaseException().Message;
        for (var outer = exception; outer is not null; outer = outer.InnerException)
        {
            if (outer.Message.Contains(cause, StringComparison.Ordinal))
            {
                return outer.Message;
            }
        }

        return cause;
    }

    private static T? Find<T>(Exception? exception)
        where T : Exception
    {
        for (; exception is not null; exception = exception.InnerException)
        {
            if (exception is T found)
            {
                return found;
            }
        }

        return null;
    }
}
