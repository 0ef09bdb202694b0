using Microsoft.Net.Http.Headers;

namespace Middleware.Http;

/// <summary>Adds to the OpenAPI document the facts of a route that its handler's signature lacks. It costs a request nothing.</summary>
internal static class Describing
{
    /// <summary>Describes a route that is mapped as a plain request delegate by a handler's name and text.</summary>
    public static TRoute DescribedBy<TRoute>(this TRoute route, Delegate handler)
        where TRoute : IEndpointConventionBuilder => route.WithMetadata(handler.Method);

    /// <summary>Adds a body that is read by hand. Unlike <c>Accepts</c> this refuses no content type: the handler does.</summary>
    public static TRoute Takes<TRoute>(this TRoute route, DescribedBody body)
        where TRoute : IEndpointConventionBuilder => route.WithMetadata(body);

    /// <summary>
    /// Adds an answer in JSON, by the name of its schema, with its condition. Without one it has the text of all routes for the status.
    /// </summary>
    public static TRoute Answers<TRoute>(this TRoute route, int status, string schema, string? when)
        where TRoute : IEndpointConventionBuilder => route.WithMetadata(new DescribedAnswer(status, schema, when));

    /// <summary>Adds 200 with server-sent events, whose data is JSON, by the name of its schema.</summary>
    public static TRoute Streams<TRoute>(this TRoute route, string schema)
        where TRoute : IEndpointConventionBuilder => route.WithMetadata(new DescribedStream(schema));

    /// <summary>Adds an answer in problem+json.</summary>
    public static TRoute Refuses<TRoute>(this TRoute route, int status, string? when = null)
        where TRoute : IEndpointConventionBuilder => route.Answers(status, "ProblemDetails", when);

    /// <summary>Adds the answers, beside 400, to a body that is not read.</summary>
    public static TRoute RefusesBodies<TRoute>(this TRoute route, string? whenTooLarge = null)
        where TRoute : IEndpointConventionBuilder => route
            .Refuses(StatusCodes.Status408RequestTimeout)
            .Refuses(StatusCodes.Status413PayloadTooLarge, whenTooLarge)
            .Refuses(StatusCodes.Status415UnsupportedMediaType)
            .Shows(StatusCodes.Status415UnsupportedMediaType, HeaderNames.AcceptEncoding)
            .Refuses(StatusCodes.Status503ServiceUnavailable, "The store is not available, or more is sent at once than there is room for; nothing was changed.");

    /// <summary>Adds 400 with all faults under <c>errors</c>, for a route whose handler's signature lacks it.</summary>
    public static TRoute RefusesFaults<TRoute>(this TRoute route)
        where TRoute : IEndpointConventionBuilder => route.Answers(StatusCodes.Status400BadRequest, "HttpValidationProblemDetails", when: null);

    /// <summary>Adds 400 for a foreign host, and 403 where a page of another origin could change something.</summary>
    public static TRoute RefusesForeignPages<TRoute>(this TRoute routes)
        where TRoute : IEndpointConventionBuilder
    {
        routes.Finally(static endpoint =>
        {
            if (endpoint.Metadata.OfType<IHttpMethodMetadata>().SelectMany(static named => named.HttpMethods).Any(CrossOrigin.ChangesState))
            {
                endpoint.Metadata.Add(new DescribedAnswer(StatusCodes.Status403Forbidden, "ProblemDetails", When: null));
            }
        });
        return routes.RefusesFaults();
    }

    /// <summary>Adds request headers beside the correlation id, which every route reads.</summary>
    public static TRoute Reads<TRoute>(this TRoute route, params string[] headers)
        where TRoute : IEndpointConventionBuilder => route.WithMetadata([.. headers.Select(static header => new ReadHeader(header))]);

    /// <summary>Adds headers of the answers with this status.</summary>
    public static TRoute Shows<TRoute>(this TRoute route, int status, params string[] headers)
        where TRoute : IEndpointConventionBuilder => route.WithMetadata([.. headers.Select(header => new ShownHeader(header, status))]);

    /// <summary>Adds headers of all answers.</summary>
    public static TRoute ShowsAlways<TRoute>(this TRoute route, params string[] headers)
        where TRoute : IEndpointConventionBuilder => route.WithMetadata([.. headers.Select(static header => new ShownHeader(header, null))]);
}

/// <summary>The body a route reads by hand.</summary>
/// <param name="Schema">The name of its schema.</param>
/// <param name="MediaTypes">The accepted media types.</param>
internal sealed record DescribedBody(string Schema, IReadOnlyList<string> MediaTypes)
{
    /// <summary>Its members; null where the contract alone describes them.</summary>
    public RequestShape? Shape { get; init; }

    /// <summary>True for a list of the schema.</summary>
    public bool IsMany { get; init; }

    /// <summary>False where a request may come without it, or with <c>null</c>.</summary>
    public bool IsRequired { get; init; } = true;
}

/// <summary>The parameters of a query, which a reader notes when it is asked for them.</summary>
internal sealed record DescribedQuery(Action<RequestReader> Read);

/// <summary>An answer with a status, by the name of its schema, with its condition.</summary>
internal sealed record DescribedAnswer(int Status, string Schema, string? When);

/// <summary>An answer of server-sent events, by the name of the schema of their data.</summary>
internal sealed record DescribedStream(string Schema);

/// <summary>A header a route reads.</summary>
internal sealed record ReadHeader(string Name);

/// <summary>A header of the answers with a status; null for all.</summary>
internal sealed record ShownHeader(string Name, int? Status);
