using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace ServiceDefaults;

/// <summary>Requests that cannot be read to their end: aborted, or with invalid framing. They are their client's fault, and debug lines.</summary>
internal sealed partial class BrokenRequests(ILogger<BrokenRequests> logger)
{
    /// <summary>The status of a request whose client is gone; nobody sees it but the metrics.</summary>
    public const int Aborted = StatusCodes.Status499ClientClosedRequest;

    /// <summary>The status of a request that ended in this exception; null when that is no fault of its client.</summary>
    public static int? StatusOf(HttpContext context, Exception exception) => exception switch
    {
        ConnectionResetException or ConnectionAbortedException => Aborted,
        OperationCanceledException or IOException when context.RequestAborted.IsCancellationRequested => Aborted,

        // A stop has cut it off, before the request says that it is aborted.
        OperationCanceledException { InnerException: ConnectionAbortedException } => Aborted,
        BadHttpRequestException bad => bad.StatusCode,

        // Of a chunk of 2 GiB or more Kestrel throws this instead of the above.
        IOException { InnerException: OverflowException } => StatusCodes.Status400BadRequest,
        _ => null,
    };

    /// <summary>Sets the status and logs the reason. It is the last request of its connection.</summary>
    public void End(HttpContext context, Exception exception)
    {
        var status = StatusOf(context, exception)!.Value;
        if (status == Aborted)
        {
            RequestAborted(exception.Message, context.Request.Method, context.Request.Path, context.TraceIdentifier);
        }
        else
        {
            RequestUnreadable(exception.Message, context.Request.Method, context.Request.Path, context.TraceIdentifier);
        }

        // Kestrel would look for another request in the rest of this one, and drain its body, and log its failures as errors.
        context.Features.Get<IConnectionLifetimeNotificationFeature>()?.RequestClose();
        if (!context.Response.HasStarted)
        {
            context.Response.Clear();
            context.Response.StatusCode = status;
        }

        if (status == Aborted || context.Response.HasStarted)
        {
            context.Abort();
        }
    }

    [LoggerMessage(LogLevel.Debug, "request aborted by its client")]
    private partial void RequestAborted(string error, string method, string path, string correlationId);

    [LoggerMessage(LogLevel.Debug, "request cannot be read")]
    private partial void RequestUnreadable(string error, string method, string path, string correlationId);
}
