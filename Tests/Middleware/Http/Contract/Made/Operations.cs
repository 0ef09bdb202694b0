using System.Collections.Frozen;
using System.Globalization;
using System.Reflection;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Middleware;
using Middleware.Accepting;
using Middleware.Http;
using Middleware.Streaming;

namespace Tests.Middleware.Http.Contract.Made;

/// <summary>The operation of a route: its handler's name and text, its parameters, its body and its answers.</summary>
internal sealed class Operations(Components components)
{
    private static readonly FrozenDictionary<int, string> Texts = new Dictionary<int, string>
    {
        [StatusCodes.Status200OK] = "As it is.",
        [StatusCodes.Status201Created] = "It is registered.",
        [StatusCodes.Status202Accepted] = "It is under way.",
        [StatusCodes.Status204NoContent] = "It is gone.",
        [StatusCodes.Status400BadRequest] = "The request is not valid; all faults are named at once.",
        [StatusCodes.Status401Unauthorized] = "No credential was given, or none that is valid. With `AUTH=off` none is asked for.",
        [StatusCodes.Status403Forbidden] = "The caller lacks the scope, or a page of another origin sent it, which `CORS_ORIGINS` does not name; nothing was changed.",
        [StatusCodes.Status404NotFound] = "It is not known: it never was, or is gone.",
        [StatusCodes.Status409Conflict] = "As things stand it cannot be done; nothing was changed.",
        [StatusCodes.Status412PreconditionFailed] = "It was changed meanwhile: get it and decide again.",
        [StatusCodes.Status408RequestTimeout] = "The body came slower than 16 KiB a second; the connection ends.",
        [StatusCodes.Status413PayloadTooLarge] = "The body is larger than 64 KiB.",
        [StatusCodes.Status415UnsupportedMediaType] = "The content type or the content encoding is another than those of the body.",
        [StatusCodes.Status428PreconditionRequired] = "`If-Match` is missing.",
        [StatusCodes.Status503ServiceUnavailable] = "The store is not available; nothing was changed.",
    }.ToFrozenDictionary();

    /// <summary>Null for a route without a handler of ours.</summary>
    public static MethodInfo? HandlerOf(RouteEndpoint endpoint) =>
        endpoint.Metadata.OfType<MethodInfo>().LastOrDefault(static handler => handler.DeclaringType!.Assembly == typeof(Api).Assembly);

    /// <summary>
    /// An id such as <c>endpoints_rotateSecret</c> from the route's tag and handler, which generators take for a client and its method, and
    /// the first sentence of the handler's summary as the title.
    /// </summary>
    public JsonObject Of(RouteEndpoint endpoint, string method)
    {
        var handler = HandlerOf(endpoint)!;
        var tag = endpoint.Metadata.GetRequiredMetadata<ITagsMetadata>().Tags[0];
        var text = components.Texts.Of(handler)!;
        var operation = New(tag, FirstSentence(text).Replace("`", "", StringComparison.Ordinal), text, $"{Camel(tag)}_{Camel(handler.Name.Replace("Async", "", StringComparison.Ordinal))}");
        operation["parameters"] = new JsonArray(
        [
            .. endpoint.RoutePattern.Parameters.Select(parameter => components.PartOfPath(parameter.Name)),
            .. endpoint.Metadata.OfType<DescribedQuery>().SelectMany(components.Query),
            CorrelationId,
            .. endpoint.Metadata.OfType<ReadHeader>().Select(read => components.HeaderOfRequests(read.Name)),
        ]);
        if (endpoint.Metadata.OfType<DescribedBody>().LastOrDefault() is { } body)
        {
            operation["requestBody"] = Body(body);
        }

        var stream = endpoint.Metadata.OfType<DescribedStream>().LastOrDefault();
        var answers = endpoint.Metadata.SelectMany(AnswersOf).GroupBy(static answer => answer.Status).OrderBy(static answer => answer.Key);
        operation["security"] = SecurityOf(endpoint.Metadata.GetRequiredMetadata<NeededScopes>().AnyOf);
        operation["responses"] = new JsonObject(answers.Select(answer => KeyValuePair.Create<string, JsonNode?>(
            answer.Key.ToString(CultureInfo.InvariantCulture),
            Answer(
                answer.Key,
                answer.LastOrDefault(static said => said.When is not null).When ?? Texts[answer.Key],
                answer.Last().Type,
                [.. HeadersOf(endpoint, answer.Key, method)]))));
        if (stream is not null)
        {
            operation["responses"]!["200"]!["content"] = Stream(stream);
        }

        return operation;
    }

    public static JsonObject New(string tag, string summary, string text, string id) => new()
    {
        ["tags"] = new JsonArray(tag),
        ["summary"] = summary,
        ["description"] = text,
        ["operationId"] = id,
    };

    /// <summary>The credentials that any of these scopes is shown by; none is asked for with <c>AUTH=off</c>.</summary>
    public static JsonArray SecurityOf(Scopes anyOf) =>
    [
        .. from scheme in (string[])["bearer", "apiKey"]
           from scope in ScopeNames.Of(anyOf)
           select new JsonObject { [scheme] = new JsonArray(scope) },
    ];

    /// <summary>The header that every route reads.</summary>
    public JsonObject CorrelationId => components.HeaderOfRequests("X-Correlation-ID");

    /// <summary>An answer. Why it is given is the example of what a refusal says.</summary>
    public JsonObject Answer(int status, string when, Type? type, params IEnumerable<string> headers)
    {
        var answer = new JsonObject
        {
            ["description"] = when,
            ["headers"] = new JsonObject(headers.Prepend("X-Correlation-ID").Select(name => KeyValuePair.Create<string, JsonNode?>(name, components.HeaderOfAnswers(name)))),
        };
        if (type is not null && type != typeof(void))
        {
            var isProblem = type.Name.EndsWith("ProblemDetails", StringComparison.Ordinal);
            answer["content"] = new JsonObject
            {
                [isProblem ? "application/problem+json" : "application/json"] = new JsonObject
                {
                    ["schema"] = components.Schema(type),
                    ["example"] = isProblem ? Examples.OfProblem(status, when) : Examples.Of(SchemaNames.Of(type)),
                },
            };
        }

        return answer;
    }

    private static (int Status, Type? Type, string? When)[] AnswersOf(object metadata) => metadata switch
    {
        DescribedAnswer answer => [(answer.Status, SchemaNames.TypeOf(answer.Schema), answer.When)],
        DescribedStream => [(StatusCodes.Status200OK, null, "The events, until the stream ends.")],
        IProducesResponseTypeMetadata typed => [(typed.StatusCode, typed.Type, null)],
        _ => [],
    };

    private static IEnumerable<string> HeadersOf(RouteEndpoint endpoint, int status, string method) =>
    [
        .. endpoint.Metadata.OfType<ShownHeader>().Where(header => header.Status is null || header.Status == status).Select(static header => header.Name),
        .. status == StatusCodes.Status415UnsupportedMediaType ? (string[])[ApiProblems.AcceptHeader(method)] : [],
        .. status is StatusCodes.Status401Unauthorized or StatusCodes.Status403Forbidden ? (string[])["WWW-Authenticate"] : [],
        .. status == StatusCodes.Status503ServiceUnavailable ? (string[])["Retry-After"] : [],
    ];

    private JsonObject Body(DescribedBody body)
    {
        var schema = body.Shape is { } shape ? components.Schema(shape) : components.Schema(SchemaNames.TypeOf(body.Schema));
        if (body.IsMany)
        {
            schema = new JsonObject { ["maxItems"] = BatchSplitter.MaxEvents, ["minItems"] = 1, ["type"] = "array", ["items"] = schema };
        }
        else if (!body.IsRequired)
        {
            schema = new JsonObject { ["oneOf"] = new JsonArray(new JsonObject { ["type"] = "null" }, schema) };
        }

        var example = body.IsMany ? new JsonArray(Examples.Of(body.Schema)) : Examples.Of(body.Schema);
        var lines = new JsonObject
        {
            ["schema"] = new JsonObject
            {
                ["type"] = "string",
                ["description"] = $"1 to {BatchSplitter.MaxEvents} lines, each a JSON object as {body.Schema} describes it; blank lines are passed over.",
            },
            ["example"] = string.Concat((example as JsonArray ?? []).Select(static entry => entry!.ToJsonString() + "\n")),
        };
        var described = new JsonObject
        {
            ["content"] = new JsonObject(body.MediaTypes.Select(mediaType => KeyValuePair.Create<string, JsonNode?>(
                mediaType, mediaType == JsonMediaType.Lines ? lines : new JsonObject { ["schema"] = schema, ["example"] = example }))),
        };
        if (body.IsRequired)
        {
            described["required"] = true;
        }

        return described;
    }

    /// <summary>Server-sent events are a text, in which each data is JSON.</summary>
    private JsonObject Stream(DescribedStream stream)
    {
        return new JsonObject
        {
            [EventStreamResult.MediaType] = new JsonObject
            {
                ["schema"] = new JsonObject
                {
                    ["type"] = "string",
                    ["description"] = $"Events named `accepted`; the data of each is one line of JSON as {stream.Schema} describes it.",
                    ["contentMediaType"] = EventStreamResult.MediaType,
                    ["contentSchema"] = components.Schema(SchemaNames.TypeOf(stream.Schema)),
                },
                ["example"] = $"event: accepted\nid: s.583\ndata: {Examples.Of(stream.Schema).ToJsonString()}\n\n",
            },
        };
    }

    private static string Camel(string words) =>
        JsonNamingPolicy.CamelCase.ConvertName(string.Concat(words.Split(' ').Select(static word => char.ToUpperInvariant(word[0]) + word[1..])));

    private static string FirstSentence(string text)
    {
        var end = text.AsSpan().IndexOfAny(".;:");
        while (end >= 0 && end + 1 < text.Length && !char.IsWhiteSpace(text[end + 1]))
        {
            end = text.AsSpan(end + 1).IndexOfAny(".;:") is >= 0 and var next ? end + 1 + next : -1;
        }

        return end < 0 ? text : text[..end];
    }
}
