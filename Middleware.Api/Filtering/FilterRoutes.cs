using Microsoft.AspNetCore.Http.HttpResults;
using Middleware.Http;

namespace Middleware.Filtering;

/// <summary>The route that tests a filter before an endpoint has it.</summary>
internal static class FilterRoutes
{
    public static IServiceCollection AddFiltering(this IServiceCollection services) => services.AddSingleton<TestFilter>();

    public static void MapFilters(this IEndpointRouteBuilder routes)
    {
        var filters = routes.MapGroup("/api/v1/filters").WithTags("Filters").Needs(Scopes.Operate | Scopes.EndpointsWrite);
        filters.MapPost("/test", Test).TakesJson(FilterBody.Test, Rule).Refuses(413, "The body is larger than an event may be, and 64 KiB.");
    }

    private static JsonRule Rule => new()
    {
        Most = static services => (services.GetRequiredService<AcceptLimits>().MaxEventBytes + JsonRule.UsualBytes, " (MAX_EVENT_BYTES and 64 KiB)"),

        // An event may nest as deep here as where it is accepted.
        MaxDepth = 33,
    };

    /// <summary>
    /// Tests a filter on an event: the parts that hold, and the fault of the expression. Nothing is kept or delivered. The body has at most 64 KiB
    /// more than an event may have (<c>MAX_EVENT_BYTES</c>).
    /// </summary>
    private static async Task<Results<Ok<FilterVerdict>, ValidationProblem>> Test(HttpContext context, TestFilter test, AcceptLimits limits)
    {
        var given = RequestReader.Of(context);
        var filter = FilterBody.Read(given, limits.MaxEventBytes, out var received);
        return given.Refusal() is { } refusal ? refusal : TypedResults.Ok(await test.ExecuteAsync(filter!, received, context.TraceIdentifier));
    }
}
