using Microsoft.AspNetCore.Mvc;
using Middleware.UseCases;

namespace Middleware.Api;

/// <summary>Which part of the list of endpoints to show.</summary>
public sealed record EndpointQuery
{
    private static readonly string[] Names = ["cursor", "limit"];

    /// <summary>The <c>next_cursor</c> of the page before.</summary>
    [FromQuery(Name = "cursor")]
    public string? Cursor { get; init; }

    /// <summary>1 to 1,000; 50 when not given.</summary>
    [FromQuery(Name = "limit")]
    public string? Limit { get; init; }

    internal (EndpointPlace? After, int Limit) Read(QueryFaults faults, IQueryCollection query)
    {
        faults.CheckNames(query, Names);
        EndpointPlace? after = null;
        if (Cursor is not null)
        {
            after = Api.Cursor.TryRead(Cursor, out var place) ? place : null;
            if (after is null)
            {
                faults.RefuseCursor();
            }
        }

        return (after, faults.Limit(Limit));
    }
}
