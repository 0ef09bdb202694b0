using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ServiceDefaults;

/// <summary>Every error is an RFC 9457 problem+json that bears the correlation id.</summary>
internal static class Problems
{
    public static IServiceCollection AddProblems(this IServiceCollection services) => services
        .AddExceptionHandler<ExceptionLog>()
        .AddProblemDetails(options => options.CustomizeProblemDetails = static context =>
        {
            // The exception handler clears the headers that were set before it.
            context.HttpContext.Response.Headers[Correlation.Header] = context.HttpContext.TraceIdentifier;
            context.ProblemDetails.Extensions.Remove("traceId");
            context.ProblemDetails.Extensions.Remove("trace_id");
            context.ProblemDetails.Extensions["correlation_id"] = context.HttpContext.TraceIdentifier;
        });

    public static IApplicationBuilder UseProblems(this IApplicationBuilder app) => app
        .UseExceptionHandler(new ExceptionHandlerOptions
        {
            StatusCodeSelector = static exception =>
                exception is BadHttpRequestException bad ? bad.StatusCode : StatusCodes.Status500InternalServerError,

            // ExceptionLog has logged it.
            SuppressDiagnosticsCallback = static _ => true,
        })
        .UseStatusCodePages();
}

/// <summary>Logs what reached the exception handler, with the correlation id of its request, and leaves the answer to the handler.</summary>
internal sealed partial class ExceptionLog(ILogger<ExceptionLog> logger) : IExceptionHandler
{
    public ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (exception is not BadHttpRequestException)
        {
            RequestFailed(exception, httpContext.Request.Method, httpContext.Request.Path, httpContext.TraceIdentifier);
        }

        return ValueTask.FromResult(false);
    }

    [LoggerMessage(LogLevel.Error, "request failed")]
    private partial void RequestFailed(Exception exception, string method, string path, string correlationId);
}
