using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.RequestDecompression;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace ServiceDefaults.Bodies;

/// <summary>
/// Decodes bodies by their Content-Encoding (RFC 9110, 8.4), of which one may be given. Two would let a small body unfold to a large one that unfolds
/// to nothing. That is work without a bound, as only the output of the last is counted.
/// </summary>
internal static class BodyDecoding
{
    /// <summary>The codings that are decoded, for Accept-Encoding.</summary>
    public const string Accepted = "gzip, deflate, br";

    private const string Identity = "identity";

    public static IServiceCollection AddBodyDecoding(this IServiceCollection services) => services
        .AddRequestDecompression(static options => options.DecompressionProviders.Add("x-gzip", options.DecompressionProviders["gzip"]));

    /// <summary>
    /// Adds the decoding. A body without the header passes by the middleware. One with an unknown coding keeps the header, and is refused where it
    /// would be read.
    /// </summary>
    public static IApplicationBuilder UseBodyDecoding(this IApplicationBuilder app)
    {
        var known = app.ApplicationServices.GetRequiredService<IOptions<RequestDecompressionOptions>>().Value.DecompressionProviders;
        return app.Use(next =>
        {
            var branch = app.New().UseRequestDecompression();
            branch.Run(next);
            var decoded = branch.Build();
            return context =>
            {
                var given = context.Request.Headers.ContentEncoding;
                return given.Count == 0 ? next(context) : OneOf(given) switch
                {
                    Identity => PassAsync(context, next),
                    { } coding when known.ContainsKey(coding) => DecodeAsync(context, decoded, coding),
                    _ => next(context),
                };
            };
        });
    }

    /// <summary>True when the body of a request is decoded as it is read.</summary>
    public static bool IsDecoded(HttpContext context) => context.Features.Get<Decoded>() is not null;

    /// <summary>True when a failure to read is that of a body that does not match its coding. Each decoder has exceptions of its own.</summary>
    public static bool IsBroken(HttpContext context, Exception exception) =>
        exception is InvalidDataException or InvalidOperationException or (IOException and not (BadHttpRequestException or ConnectionResetException))
        && IsDecoded(context);

    /// <summary>The one coding of the header, which may be a list; null when there are several.</summary>
    private static string? OneOf(StringValues given)
    {
        var codings = given.SelectMany(static line => (line ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            .Where(static coding => !coding.Equals(Identity, StringComparison.OrdinalIgnoreCase)).Take(2).ToList();
        return codings switch { [] => Identity, [var one] => one, _ => null };
    }

    private static Task PassAsync(HttpContext context, RequestDelegate next)
    {
        context.Request.Headers.ContentEncoding = StringValues.Empty;
        return next(context);
    }

    private static Task DecodeAsync(HttpContext context, RequestDelegate decoded, string coding)
    {
        // The length is that of the sent body, and the decoded one may be shorter.
        context.Request.Headers.ContentEncoding = coding;
        context.Request.ContentLength = null;
        context.Features.Set(new Decoded());
        return decoded(context);
    }

    /// <summary>The mark of a request whose body is decoded.</summary>
    private sealed class Decoded;
}
