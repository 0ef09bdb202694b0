using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ServiceDefaults;

/// <summary>Makes every error an RFC 9457 problem+json that bears the correlation id, whatever the request's <c>Accept</c> names.</summary>
internal static class Problems
{
    public static IServiceCollection AddProblems(this IServiceCollection services) => services
        .AddExceptionHandler<ExceptionLog>()
        .AddSingleton<BrokenRequests>()
        .AddSingleton<IProblemDetailsService, ProblemWriter>()
        .AddProblemDetails(options => options.CustomizeProblemDetails = static context =>
        {
            // The exception handler clears the headers that were set before it.
            var lifetime = context.HttpContext.RequestServices.GetRequiredService<IHostApplicationLifetime>();
            AnswerHeaders.Set(context.HttpContext, lifetime.ApplicationStopping.IsCancellationRequested);
            context.ProblemDetails.Extensions.Remove("traceId");
            context.ProblemDetails.Extensions.Remove("trace_id");
            context.ProblemDetails.Extensions["correlation_id"] = context.HttpContext.TraceIdentifier;
        });

    public static IApplicationBuilder UseProblems(this IApplicationBuilder app)
    {
        var broken = app.ApplicationServices.GetRequiredService<BrokenRequests>();
        var problems = app.ApplicationServices.GetRequiredService<IProblemDetailsService>();

        return app
            .UseExceptionHandler(new ExceptionHandlerOptions { SuppressDiagnosticsCallback = static _ => true }) // ExceptionLog has logged it.
            .Use(next => context => AnswerAsync(next, context, broken, problems));
    }

    /// <summary>Answers requests that cannot be read, and writes a body for an error that came without one.</summary>
    private static async Task AnswerAsync(RequestDelegate next, HttpContext context, BrokenRequests broken, IProblemDetailsService problems)
    {
        try
        {
            await next(context);
        }
        catch (Exception exception) when (BrokenRequests.StatusOf(context, exception) is not null)
        {
            broken.End(context, exception);
        }

        if (context.Response is { HasStarted: false, StatusCode: >= 400 and not BrokenRequests.Aborted, ContentType: null, ContentLength: null })
        {
            await problems.WriteAsync(new ProblemDetailsContext { HttpContext = context, ProblemDetails = { Status = context.Response.StatusCode } });
        }
    }
}

/// <summary>Writes by the framework's writer, also where <c>Accept</c> excludes JSON and the framework would leave the error without a body.</summary>
internal sealed class ProblemWriter(IEnumerable<IProblemDetailsWriter> writers) : IProblemDetailsService
{
    public ValueTask WriteAsync(ProblemDetailsContext context) => writers.First().WriteAsync(context);

    public async ValueTask<bool> TryWriteAsync(ProblemDetailsContext context)
    {
        await WriteAsync(context);
        return true;
    }
}

/// <summary>
/// Logs the failure that reached the exception handler, with the correlation id of its request, and leaves the answer to the handler.
/// </summary>
internal sealed partial class ExceptionLog(ILogger<ExceptionLog> logger) : IExceptionHandler
{
    public ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        RequestFailed(exception, httpContext.Request.Method, httpContext.Request.Path, httpContext.TraceIdentifier);
        return ValueTask.FromResult(false);
    }

    [LoggerMessage(LogLevel.Error, "request failed")]
    private partial void RequestFailed(Exception exception, string method, string path, string correlationId);
}
