using System.Buffers;
using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace ServiceDefaults;

/// <summary>The correlation id of a request: taken from the caller when it is fit to be passed on, made otherwise.</summary>
public static class Correlation
{
    /// <summary>The header that carries it, in and out: 1-128 characters of <c>A-Za-z0-9._-</c>.</summary>
    public const string Header = "X-Correlation-ID";

    /// <summary>The attribute that bears it on every span.</summary>
    public const string SpanAttribute = "integration.correlation_id";

    private static readonly SearchValues<char> Allowed =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");

    /// <summary>True for a text that may be used as a correlation id as it stands.</summary>
    public static bool IsValid(string? text) => text is { Length: >= 1 and <= 128 } && !text.AsSpan().ContainsAnyExcept(Allowed);

    /// <summary>Sets <see cref="HttpContext.TraceIdentifier"/> to the correlation id and puts it on the answer.</summary>
    internal static IApplicationBuilder UseCorrelation(this IApplicationBuilder app)
    {
        var clock = app.ApplicationServices.GetRequiredService<TimeProvider>();
        var stopping = app.ApplicationServices.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;

        return app.Use(next => context =>
        {
            string? given = context.Request.Headers[Header];
            var id = IsValid(given) && !MisplacedKeys.IsIn(given) ? given! : Ids.Create(clock.GetUtcNow()).ToString("n");
            context.TraceIdentifier = id;
            AnswerHeaders.Set(context, stopping.IsCancellationRequested);
            if (Activity.Current is { IsAllDataRequested: true } span)
            {
                span.SetTag(SpanAttribute, id);
            }

            return next(context);
        });
    }
}
