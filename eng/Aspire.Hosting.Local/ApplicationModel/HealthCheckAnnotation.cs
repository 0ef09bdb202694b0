namespace Aspire.Hosting.ApplicationModel;

internal sealed record HealthCheckAnnotation(EndpointReference Endpoint, string Path, int StatusCode) : IResourceAnnotation
{
    public Uri Uri => new(new Uri(Endpoint.Url), Path);
}
