using System.Text.Json;
using Middleware.Events;
using ServiceDefaults.Bodies;

namespace Middleware.Http;

/// <summary>The media type and the limits of a route's JSON.</summary>
internal sealed record JsonRule
{
    /// <summary>The limit of routes that take no more than a definition or an order.</summary>
    public const int UsualBytes = 64 * 1024;

    public string MediaType { get; init; } = JsonMediaType.Json;

    /// <summary>True where a request without a body, or with <c>null</c>, is one with <c>{}</c>.</summary>
    public bool IsOptional { get; init; }

    /// <summary>The limit of the body, past which it is 413.</summary>
    public Func<IServiceProvider, (int Bytes, string Why)> Most { get; init; } = static _ => (UsualBytes, "");

    public int MaxDepth { get; init; } = 64;

    /// <summary>False where any member would do nothing and is refused.</summary>
    public bool HasMembers { get; init; } = true;
}

/// <summary>
/// Reads the JSON object of a request before its handler runs, which gets it by <see cref="RequestReader.Of(HttpContext)"/>. Refuses another body or
/// content type.
/// </summary>
internal sealed class JsonRequest(JsonRule rule) : IEndpointFilter
{
    private static readonly byte[] NoMembers = "{}"u8.ToArray();

    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        var isJson = JsonMediaType.Is(http.Request.ContentType, rule.MediaType);
        if (!isJson && !rule.IsOptional)
        {
            return ApiProblems.UnsupportedMediaType(http, rule.MediaType);
        }

        var (most, why) = rule.Most(http.RequestServices);
        var budget = http.RequestServices.GetRequiredService<BodyBudget>();
        var reading = RequestBody.ReadAsync(http.Request, most, budget, http.RequestAborted);
        var waited = !reading.IsCompleted;
        using var body = await reading;
        if (waited)
        {
            // The handler may block, and the read came back on a thread that waits for sockets.
            await Task.Yield();
        }

        if (body.Fault != BodyFault.None)
        {
            return BodyProblems.Of(body.Fault, http, $"The body is larger than {most} bytes{why}.");
        }

        try
        {
            return await ReadAsync(context, next, body.Bytes, isJson);
        }
        finally
        {
            body.Free();
        }
    }

    private async ValueTask<object?> ReadAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next, ReadOnlyMemory<byte> body, bool isJson)
    {
        var http = context.HttpContext;
        if (!isJson && !body.IsEmpty)
        {
            return ApiProblems.UnsupportedMediaType(http, rule.MediaType);
        }

        var errors = new Dictionary<string, string[]>();
        using var document = Parse(body, errors);
        if (document is null || (!rule.HasMembers && new RequestReader(document.RootElement, errors).Refusal() is not null))
        {
            return ApiProblems.Invalid(errors);
        }

        http.Features.Set(document);
        return await next(context);
    }

    private JsonDocument? Parse(ReadOnlyMemory<byte> json, Dictionary<string, string[]> errors)
    {
        var document = json.IsEmpty && rule.IsOptional ? JsonDocument.Parse(NoMembers) : JsonBody.Parse(json, rule.MaxDepth, errors);
        if (document?.RootElement.ValueKind is null or JsonValueKind.Object)
        {
            return document;
        }

        var isNone = rule.IsOptional && document.RootElement.ValueKind == JsonValueKind.Null;
        document.Dispose();
        if (isNone)
        {
            return JsonDocument.Parse(NoMembers);
        }

        errors[JsonBody.Body] = ["must be a JSON object"];
        return null;
    }
}

/// <summary>Adds JSON or a query to routes, and its description to the contract.</summary>
internal static class RequestRoutes
{
    public static RouteHandlerBuilder TakesJson(this RouteHandlerBuilder route, RequestShape body, JsonRule? rule = null)
    {
        rule ??= new JsonRule();
        return route.Reads(rule).WithMetadata(new DescribedBody(body.Name, [rule.MediaType]) { Shape = body, IsRequired = !rule.IsOptional });
    }

    /// <summary>Refuses members, each of which would do nothing.</summary>
    public static RouteHandlerBuilder TakesNothing(this RouteHandlerBuilder route) => route.Reads(new JsonRule { IsOptional = true, HasMembers = false });

    /// <summary>Adds the parameters of a query, which the handler reads in this way.</summary>
    public static RouteHandlerBuilder Asks(this RouteHandlerBuilder route, Action<RequestReader> read) => route.WithMetadata(new DescribedQuery(read));

    private static RouteHandlerBuilder Reads(this RouteHandlerBuilder route, JsonRule rule) => route.AddEndpointFilter(new JsonRequest(rule))
        .RefusesFaults().RefusesBodies();
}
