using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;
using Middleware.Events;
using Middleware.Http;

namespace Middleware.Endpoints;

/// <summary>Answers with endpoints, and reads their members when a request sends them back.</summary>
internal static class EndpointAnswers
{
    /// <summary>A page of endpoints: one more than its limit shows that there is another page.</summary>
    public static ListPage<EndpointItem> Answer(this HttpContext context, IReadOnlyList<RegisteredEndpoint> found, int limit, IEndpointHealth health) => new(
        [.. found.Take(limit).Select(known => new EndpointItem(known, health.Of(known.Endpoint), hidesQuery: HidesQuery(context)))],
        found.Count > limit ? EndpointPages.CursorOf(EndpointPlace.Of(found[limit - 1].Endpoint)) : null);

    /// <summary>200 with an endpoint and its <c>ETag</c>, and its secret when it was made just now.</summary>
    public static Ok<EndpointItem> Answer(this HttpContext context, RegisteredEndpoint endpoint, IEndpointHealth health, WebhookSecret? secret = null)
    {
        context.Response.Headers.ETag = endpoint.ETag();
        return TypedResults.Ok(new EndpointItem(endpoint, health.Of(endpoint.Endpoint), secret, HidesQuery(context)));
    }

    /// <summary>Reads a change of an endpoint. The members that were shown may be sent back, and the secret that was shown once.</summary>
    public static RequestReader ChangeOf(this HttpContext context, EndpointItem shown, WebhookEndpoint endpoint, bool isPatch)
    {
        var given = context.Features.GetRequiredFeature<JsonDocument>().RootElement;
        var json = context.RequestServices.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions;
        var isItsSecret = endpoint.Secrets is { } secrets && given.TryGetProperty("secret", out var secret)
            && secret.ValueKind == JsonValueKind.String && JsonBody.Decode(secret) == secrets.Current.Reveal();
        return new RequestReader(given, new Dictionary<string, string[]>())
        {
            IsPatch = isPatch,
            Shown = JsonSerializer.SerializeToElement(shown, json.GetTypeInfo(typeof(EndpointItem))),

            // Its health may have changed since it was shown.
            PassedOver = [.. isPatch ? (string[])[] : ["health"], .. isItsSecret ? (string[])["secret"] : []],
        };
    }

    private static bool HidesQuery(HttpContext context) => !context.Caller().HasAny(Scopes.EndpointsWrite);

    /// <summary>The entity tag of an endpoint's version (RFC 9110).</summary>
    public static string ETag(this RegisteredEndpoint registered) => string.Create(CultureInfo.InvariantCulture, $"\"{registered.Version}\"");
}
