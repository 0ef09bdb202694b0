using Microsoft.AspNetCore.Mvc.ApiExplorer;
using Microsoft.AspNetCore.Mvc.ModelBinding;

namespace Middleware.Api.OpenApi;

/// <summary>Shows the framework the bodies that are read by hand.</summary>
internal sealed class DescribedRoutes : IApiDescriptionProvider
{
    /// <summary>After the provider that finds the routes.</summary>
    public int Order => 0;

    public void OnProvidersExecuting(ApiDescriptionProviderContext context)
    {
        // HEAD is where GET is, and says nothing that GET does not.
        foreach (var head in context.Results.Where(static route => HttpMethods.IsHead(route.HttpMethod ?? "")).ToList())
        {
            context.Results.Remove(head);
        }

        foreach (var route in context.Results)
        {
            if (route.ActionDescriptor.EndpointMetadata.OfType<DescribedBody>().LastOrDefault() is { } body)
            {
                AddBody(route, body);
            }
        }
    }

    public void OnProvidersExecuted(ApiDescriptionProviderContext context)
    {
        // All was done in the first pass.
    }

    private static void AddBody(ApiDescription route, DescribedBody body)
    {
        route.ParameterDescriptions.Add(new ApiParameterDescription { Name = "body", Source = BindingSource.Body, Type = body.Type, IsRequired = body.IsRequired });
        foreach (var mediaType in body.MediaTypes)
        {
            route.SupportedRequestFormats.Add(new ApiRequestFormat { MediaType = mediaType });
        }
    }
}
