using Microsoft.Extensions.DependencyInjection;
using Middleware.Accepting;

namespace Tests.Middleware.Accepting;

public sealed class DeprecatingVersions() : OnAService(WithVersion1Deprecated())
{
    private const string Path = "/integrations/events";

    [Theory]
    [InlineData(Path)]
    [InlineData(Path, "1.0")]
    [InlineData("/v1" + Path)]
    [InlineData(Path + "/batch")]
    [InlineData("/v1" + Path + "/batch")]
    public async Task A_deprecated_version_tells_since_when_until_when_and_where_that_is_explained(string path, string? version = null)
    {
        using var answer = await Post(Service, path, version);

        Assert.Equal("@1798761600", Assert.Single(answer.Headers.GetValues("Deprecation")));
        Assert.Equal("Fri, 31 Dec 2027 00:00:00 GMT", Assert.Single(answer.Headers.GetValues("Sunset")));
        var links = string.Join(", ", answer.Headers.GetValues("Link"));
        Assert.Contains("<https://example.com/moving>; rel=\"deprecation\"", links, StringComparison.Ordinal);
        Assert.Contains("<https://example.com/ending>; rel=\"sunset\"", links, StringComparison.Ordinal);
        Assert.Equal("1.0, 2.0", Assert.Single(answer.Headers.GetValues("api-supported-versions")));
    }

    [Theory]
    [InlineData("/v2" + Path)]
    [InlineData(Path, "2.0")]
    public async Task Another_version_tells_nothing_of_it(string path, string? version = null)
    {
        using var answer = await Post(Service, path, version);

        Assert.False(answer.Headers.Contains("Deprecation") || answer.Headers.Contains("Sunset") || answer.Headers.Contains("Link"));
    }

    private static MiddlewareService WithVersion1Deprecated() => new()
    {
        With = static services => services.AddSingleton(new AcceptVersions(
            AcceptVersion.One with
            {
                Deprecation = new VersionNotice(new DateTimeOffset(2027, 1, 1, 0, 0, 0, TimeSpan.Zero), "https://example.com/moving"),
                Sunset = new VersionNotice(new DateTimeOffset(2027, 12, 31, 0, 0, 0, TimeSpan.Zero), "https://example.com/ending"),
            },
            AcceptVersion.Two)),
    };

    private static Task<HttpResponseMessage> Post(MiddlewareService service, string path, string? version) =>
        service.Post(path, "{}", version is null ? [] : [$"api-version: {version}"]);
}
