using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ServiceDefaults;

/// <summary>Answers HEAD where GET is (RFC 9110, 9.3.2): the server leaves the body out.</summary>
public static class HeadRequests
{
    /// <summary>A group whose routes answer HEAD as they answer GET. A route that names no method answers every one.</summary>
    public static RouteGroupBuilder MapWithHead(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("");
        ((IEndpointConventionBuilder)group).Finally(static endpoint =>
        {
            for (var index = 0; index < endpoint.Metadata.Count; index++)
            {
                if (endpoint.Metadata[index] is IHttpMethodMetadata { HttpMethods: { } methods } && methods.Contains(HttpMethods.Get) && !methods.Contains(HttpMethods.Head))
                {
                    endpoint.Metadata[index] = new HttpMethodMetadata([.. methods, HttpMethods.Head]);
                }
            }
        });
        return group;
    }
}
