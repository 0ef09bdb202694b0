using System.Text;
using Asp.Versioning;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Middleware.Domain;
using Tests.Middleware.Durable;

namespace Tests.Middleware.Versions;

public class DeprecatingVersions
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
        await using var service = new DurableService();
        await using var deprecating = WithVersion1Deprecated(service);

        using var answer = await Post(deprecating, path, version);

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
        await using var service = new DurableService();
        await using var deprecating = WithVersion1Deprecated(service);

        using var answer = await Post(deprecating, path, version);

        Assert.False(answer.Headers.Contains("Deprecation") || answer.Headers.Contains("Sunset") || answer.Headers.Contains("Link"));
    }

    private static WebApplicationFactory<IntegrationEvent> WithVersion1Deprecated(DurableService service) => service.WithWebHostBuilder(static builder =>
        builder.ConfigureTestServices(static services => services.Configure<ApiVersioningOptions>(static options =>
        {
            options.Policies.Deprecate(1.0).Effective(new DateTimeOffset(2027, 1, 1, 0, 0, 0, TimeSpan.Zero)).Link("https://example.com/moving");
            options.Policies.Sunset(1.0).Effective(new DateTimeOffset(2027, 12, 31, 0, 0, 0, TimeSpan.Zero)).Link("https://example.com/ending");
        })));

    private static async Task<HttpResponseMessage> Post(WebApplicationFactory<IntegrationEvent> service, string path, string? version)
    {
        using var client = service.CreateClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent("{}", Encoding.UTF8, "application/json") };
        if (version is not null)
        {
            request.Headers.Add("api-version", version);
        }

        return await client.SendAsync(request, Waiting.Cancellation);
    }
}
