using Microsoft.AspNetCore.Http.HttpResults;
using Middleware.Api.OpenApi;
using Middleware.Domain;
using Middleware.UseCases;
using ServiceDefaults.Bodies;

namespace Middleware.Api;

/// <summary>Trying filters before an endpoint has them.</summary>
internal static class FilterEndpoints
{
    public static void MapFilters(this IEndpointRouteBuilder routes)
    {
        var filters = routes.MapGroup("/api/v1/filters").WithTags("Filters");
        filters.MapPost("/test", Test).Accepts<FilterTestRequest>("application/json").RefusesBodies("The body is larger than an event may be, and 64 KiB.");
    }

    /// <summary>
    /// Tells which parts of a filter hold for an event, and what goes wrong when the expression is evaluated. Nothing is kept or delivered.
    /// The body has at most 64 KiB more than an event may have (<c>MAX_EVENT_BYTES</c>).
    /// </summary>
    private static async Task<Results<Ok<FilterTestResult>, ValidationProblem, ProblemHttpResult>> Test(
        HttpContext context, TestFilter test, AcceptLimits limits, BodyBudget budget, CancellationToken cancellationToken)
    {
        var maxBytes = limits.MaxEventBytes + FilterTestBody.MaxFilterBytes;
        using var body = await RequestBody.ReadAsync(context.Request, maxBytes, budget, cancellationToken);
        if (body.Fault != BodyFault.None)
        {
            return BodyProblems.Of(body.Fault, context, $"The body is larger than {maxBytes} bytes (MAX_EVENT_BYTES and 64 KiB).");
        }

        try
        {
            var errors = new Dictionary<string, string[]>();
            return FilterTestBody.TryRead(body.Bytes, limits.MaxEventBytes, errors, out var filter, out var received)
                ? TypedResults.Ok(ToAnswer(test.Execute(filter!, received, context.TraceIdentifier)))
                : HistoryProblems.Invalid(errors);
        }
        finally
        {
            body.Free();
        }
    }

    private static FilterTestResult ToAnswer(FilterVerdict verdict) => new(
        verdict.Matches,
        new FilterTestParts(verdict.EventTypes, verdict.Sources, verdict.MinPriority, verdict.Expression),
        verdict.ExpressionFault is { } fault ? new FilterTestError(fault.Kind, fault.Position, fault.Reason) : null);
}
