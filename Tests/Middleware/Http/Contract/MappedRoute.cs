using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Tests.Middleware.Http.Contract;

/// <summary>A route as the service has mapped it; <c>GET</c> for those that name no method.</summary>
internal sealed record MappedRoute(string Method, string Path)
{
    /// <summary>True when its answer to GET does not end by itself.</summary>
    public bool IsStream => Method == "GET" && Path.EndsWith("/stream", StringComparison.Ordinal);

    /// <summary>The routes of the contract, without HEAD, those by which it is read and those of versions that are written in another way.</summary>
    public static List<MappedRoute> OfTheContract(IServiceProvider services) =>
        [.. All(services).Where(static route => route.Method != "HEAD" && !Regex.IsMatch(route.Path, "^/(docs|openapi)(/|$)|^/v[{]version[}]/"))];

    public static IEnumerable<MappedRoute> All(IServiceProvider services) => EndpointsOf(services).SelectMany(Of).Distinct();

    /// <summary>The routes with what is said of them.</summary>
    public static IEnumerable<RouteEndpoint> EndpointsOf(IServiceProvider services) =>
        services.GetServices<EndpointDataSource>().SelectMany(static source => source.Endpoints).OfType<RouteEndpoint>();

    /// <summary>Whether a request goes there, by its path without the query.</summary>
    public bool Takes(string method, string path)
    {
        var pattern = Regex.Replace(Regex.Replace(Path, @"/\{\w+\?\}", "(/[^/]+)?"), @"\{[^}]+\}", "[^/]+");
        return method == Method && Regex.IsMatch(path, $"^{pattern}/?$");
    }

    private static IEnumerable<MappedRoute> Of(RouteEndpoint endpoint)
    {
        var path = "/" + endpoint.RoutePattern.RawText!.Trim('/');
        var methods = endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods;
        return (methods is null or [] ? ["GET"] : methods).Select(method => new MappedRoute(method, path));
    }
}
