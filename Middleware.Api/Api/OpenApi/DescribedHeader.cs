using System.Text.Json.Nodes;
using Microsoft.OpenApi;
using ServiceDefaults;

namespace Middleware.Api.OpenApi;

/// <summary>A header as the document describes it, once for all routes.</summary>
/// <param name="Name">As it is sent.</param>
/// <param name="Text">What it is for.</param>
/// <param name="Example">A value.</param>
internal sealed record DescribedHeader(string Name, string Text, string Example)
{
    private const string Visible = "^[!-~]+$";

    /// <summary>Of requests: taken as the correlation id.</summary>
    public static readonly DescribedHeader CorrelationId = new(
        Correlation.Header,
        "Taken as the correlation id, which is on every answer, log line and delivery; another value than the pattern's is passed over and an id is made.",
        "checkout-4711")
    {
        Pattern = "^[A-Za-z0-9._-]{1,128}$",
    };

    /// <summary>Of requests that accept.</summary>
    public static readonly DescribedHeader IdempotencyKey = new(
        Api.IdempotencyKey.Header,
        "Sent again within 24 h with the same body, however it is encoded, the first answer is given again and nothing is kept; with another body it is 422. All versions of a route share the keys.",
        "order-4711-paid")
    {
        Pattern = Visible,
        MaxLength = 255,
    };

    /// <summary>Of requests that accept.</summary>
    public static readonly DescribedHeader ApiVersion = new(
        AcceptVersions.Header, "The version of the contract; 1.0 when it is not given.", "2.0")
    {
        Enum = "ApiVersion",
        Values = ["1", "1.0", "2", "2.0"],
    };

    /// <summary>Of requests that accept.</summary>
    public static readonly DescribedHeader TraceParent = new(
        "traceparent",
        "The W3C trace under which the event is accepted and delivered; another value than the pattern's is passed over.",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
    {
        Pattern = "^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}",
    };

    /// <summary>Of requests that change an endpoint.</summary>
    public static readonly DescribedHeader IfMatch = new(
        "If-Match",
        "The ETag of the endpoint as it is known, or several, so that nobody's change is lost; * for whatever is there. 428 when it is missing, 412 when the endpoint has another.",
        "\"1\"")
    {
        Pattern = "^(\\*|(W/)?\"[!#-~]*\"(, (W/)?\"[!#-~]*\")*)$",
        IsRequired = true,
    };

    /// <summary>Of requests that discard.</summary>
    public static readonly DescribedHeader Operator = new(
        OperatorName.Header, "Who discards.", "jane.doe")
    {
        Pattern = @"\S",
        MaxLength = 128,
        IsRequired = true,
    };

    /// <summary>Of every answer.</summary>
    public static readonly DescribedHeader AnsweredCorrelationId = new(
        Correlation.Header, "The correlation id of the request, given or made.", "checkout-4711")
    {
        Pattern = "^[A-Za-z0-9._-]{1,128}$",
    };

    /// <summary>Of answers to accepting.</summary>
    public static readonly DescribedHeader IdempotencyReplayed = new(
        Api.IdempotencyKey.ReplayedHeader, "Only there when this is the first answer to the Idempotency-Key, given again.", "true")
    {
        Values = ["true"],
    };

    /// <summary>Of answers with an endpoint.</summary>
    public static readonly DescribedHeader ETag = new(
        "ETag", "The endpoint's version, for If-Match. The built-in endpoint has none.", "\"1\"")
    {
        Pattern = "^\"[0-9]+\"$",
    };

    /// <summary>Of 201 and 202.</summary>
    public static readonly DescribedHeader Location = new("Location", "Where to look at it.", "/api/v1/events/0198c0de000070008000000000000000");

    /// <summary>Of 415.</summary>
    public static DescribedHeader AcceptedBy(string? method) => new(
        AcceptProblems.AcceptHeader(method), "The media types that are accepted.", method == "PATCH" ? JsonMediaType.MergePatch : JsonMediaType.Json);

    /// <summary>Of 503 and 429.</summary>
    public static readonly DescribedHeader RetryAfter = new("Retry-After", "Seconds after which to send it again.", "1")
    {
        Pattern = "^[0-9]+$",
    };

    /// <summary>Of 415.</summary>
    public static readonly DescribedHeader AcceptEncoding = new(
        "Accept-Encoding", "The content codings of a body, one of which it may have. Only there when it had another, or several.", "gzip, deflate, br");

    /// <summary>What answers tell of versions.</summary>
    public static readonly DescribedHeader[] OfVersions =
    [
        new("api-supported-versions", "The versions of this route.", "1.0, 2.0"),
        new("Deprecation", "RFC 9745: since when the version is deprecated. Only there when it is; none is.", "@1798761600"),
        new("Sunset", "RFC 8594: when the version ends. Only there when that is decided; it is for none.", "Fri, 31 Dec 2027 23:59:59 GMT"),
        new("Link", "RFC 8288: where a deprecation (rel=\"deprecation\") or an end (rel=\"sunset\") is explained. Only there with one of them.", "<https://example.com/moving>; rel=\"deprecation\""),
    ];

    /// <summary>A regular expression (ECMA-262) that the value meets; null for any.</summary>
    public string? Pattern { get; init; }

    /// <summary>In characters; null for no limit.</summary>
    public int? MaxLength { get; init; }

    /// <summary>All values there are; empty for any.</summary>
    public string[] Values { get; init; } = [];

    /// <summary>Whether a request must have it.</summary>
    public bool IsRequired { get; init; }

    /// <summary>The name of the document's schema that all values share.</summary>
    public string? Enum { get; init; }

    public IOpenApiParameter ToParameter(OpenApiDocument document) => new OpenApiParameter
    {
        Name = Name,
        In = ParameterLocation.Header,
        Description = Text,
        Required = IsRequired,
        Schema = Enum is null ? Schema() : EnumSchemas.Reference(Enum, Values, document),
        Example = JsonValue.Create(Example),
    };

    public IOpenApiHeader ToHeader() => new OpenApiHeader { Description = Text, Schema = Schema(), Example = JsonValue.Create(Example) };

    private OpenApiSchema Schema() => new()
    {
        Type = JsonSchemaType.String,
        Pattern = Pattern,
        MaxLength = MaxLength,
        Enum = Values is [] ? null! : [.. Values.Select(static value => (JsonNode)value)],
    };
}
