using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;

namespace Middleware.Endpoints;

/// <summary>The precondition of a change (RFC 9110, 13.1.1): <c>If-Match</c> with <c>*</c>, or with tags of which one is the endpoint's.</summary>
internal static class IfMatch
{
    public const string Header = "If-Match";

    /// <summary>
    /// Null when an endpoint may be changed: if it has <paramref name="version"/> then, or at any version for null. Else the refusal: 428 without the
    /// header, 400 for a header that cannot be read, 412 when no tag fits. A weak tag never fits.
    /// </summary>
    public static ProblemHttpResult? Refuse(HttpRequest request, RegisteredEndpoint known, out long? version)
    {
        version = null;
        var given = request.Headers.IfMatch;
        if (given.Count == 0)
        {
            return EndpointProblems.IfMatchRequired();
        }

        if (!EntityTagHeaderValue.TryParseStrictList(given, out var tags) || tags is not { Count: > 0 } || (tags.Count > 1 && tags.Contains(EntityTagHeaderValue.Any)))
        {
            return EndpointProblems.IfMatchInvalid(given.ToString());
        }

        if (tags[0].Equals(EntityTagHeaderValue.Any))
        {
            return null;
        }

        version = known.Version;
        var own = new EntityTagHeaderValue(known.ETag());
        return tags.Any(tag => tag.Compare(own, useStrongComparison: true)) ? null : EndpointProblems.VersionDiffers(known);
    }
}
