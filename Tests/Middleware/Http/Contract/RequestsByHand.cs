using System.Reflection;
using System.Text.RegularExpressions;

namespace Tests.Middleware.Http.Contract;

public sealed class RequestsByHand : OnAService
{
    private static readonly Lazy<List<(string Method, string Path)>> InFile = new(Read);

    [Fact]
    public void Every_mapped_route_is_in_middleware_http() => Assert.All(
        MappedRoute.OfTheContract(Service.Services), static route => Assert.Contains(InFile.Value, request => route.Takes(request.Method, request.Path)));

    [Fact]
    public void Every_request_in_middleware_http_has_a_route()
    {
        var routes = MappedRoute.All(Service.Services).ToList();

        Assert.NotEmpty(InFile.Value);
        Assert.All(InFile.Value, request => Assert.Contains(routes, route => route.Takes(request.Method, request.Path)));
    }

    /// <summary>Each request after a line of ###, with its variables in their places and without its query.</summary>
    private static List<(string Method, string Path)> Read()
    {
        using var file = new StreamReader(Assembly.GetExecutingAssembly().GetManifestResourceStream("middleware.http")!);
        var text = file.ReadToEnd();
        var variables = Regex.Matches(text, @"^@(\w+) = (\S+)", RegexOptions.Multiline).ToDictionary(static line => line.Groups[1].Value, static line => line.Groups[2].Value);
        return
        [
            .. Regex.Matches(text, @"^(GET|POST|PUT|PATCH|DELETE) (\S+)", RegexOptions.Multiline)
                .Select(line => (line.Groups[1].Value, new Uri(Filled(line.Groups[2].Value)).AbsolutePath)),
        ];

        string Filled(string part) => Regex.Replace(part, @"\{\{(\w+)\}\}", variable => Filled(variables[variable.Groups[1].Value]));
    }
}
