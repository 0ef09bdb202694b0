using Asp.Versioning;
using Microsoft.Extensions.Primitives;

namespace Middleware.Api.Versions;

/// <summary>
/// What Asp.Versioning reports on answers of version 1, made once for the requests that name no version: the versions there are and, when
/// version 1 is deprecated, since when and until when.
/// </summary>
internal sealed class VersionReport(IReportApiVersions reporter)
{
    private readonly KeyValuePair<string, StringValues>[] _headers = Make(reporter);

    public void AddTo(HttpResponse response)
    {
        foreach (var (name, value) in _headers)
        {
            response.Headers[name] = value;
        }
    }

    private static KeyValuePair<string, StringValues>[] Make(IReportApiVersions reporter)
    {
        var versions = new ApiVersionModel([AcceptVersions.One, AcceptVersions.Two], []);
        var context = new DefaultHttpContext();
        context.SetEndpoint(new Endpoint(null, new EndpointMetadataCollection(new ApiVersionMetadata(versions, versions)), null));
        context.Features.Set<IApiVersioningFeature>(new ApiVersioningFeature(context) { RequestedApiVersion = AcceptVersions.One });
        reporter.Report(context.Response, versions);
        return [.. context.Response.Headers];
    }
}
