using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Tests.ServiceDefaults;

public class HealthTests
{
    private const string Alive = """{"status":"healthy","checks":{"process":{"status":"healthy","description":null,"data":{}}}}""";

    [Theory]
    [InlineData("/alive")]
    [InlineData("/health/live")]
    public async Task A_process_that_answers_is_alive(string path)
    {
        await using var host = await DefaultsHost.Start(add: WithStore(HealthCheckResult.Unhealthy()));

        await Answers(host, path, HttpStatusCode.OK, Alive);
    }

    [Theory]
    [InlineData("/health")]
    [InlineData("/health/ready")]
    public async Task Readiness_names_every_check(string path)
    {
        await using var host = await DefaultsHost.Start();

        await Answers(
            host,
            path,
            HttpStatusCode.OK,
            """
            {"status":"healthy","checks":{"process":{"status":"healthy","description":null,"data":{}},"stopping":{"status":"healthy","description":null,"data":{}}}}
            """);
    }

    [Fact]
    public async Task What_is_degraded_is_told_and_still_ready()
    {
        var degraded = HealthCheckResult.Degraded("is full", data: new Dictionary<string, object> { ["waiting"] = 1000 });
        await using var host = await DefaultsHost.Start(add: WithStore(degraded));

        await Answers(
            host,
            "/health",
            HttpStatusCode.OK,
            """
            {"status":"degraded","checks":{"process":{"status":"healthy","description":null,"data":{}},"stopping":{"status":"healthy","description":null,"data":{}},"store":{"status":"degraded","description":"is full","data":{"waiting":"1000"}}}}
            """);
    }

    [Fact]
    public async Task What_is_unhealthy_is_not_ready()
    {
        await using var host = await DefaultsHost.Start(add: WithStore(HealthCheckResult.Unhealthy("is gone")));

        await Answers(
            host,
            "/health/ready",
            HttpStatusCode.ServiceUnavailable,
            """
            {"status":"unhealthy","checks":{"process":{"status":"healthy","description":null,"data":{}},"stopping":{"status":"healthy","description":null,"data":{}},"store":{"status":"unhealthy","description":"is gone","data":{}}}}
            """);
    }

    [Fact]
    public async Task A_service_that_stops_is_alive_and_not_ready()
    {
        await using var host = await DefaultsHost.Start();

        host.App.Lifetime.StopApplication();

        await Answers(host, "/alive", HttpStatusCode.OK, Alive);
        await Answers(
            host,
            "/health",
            HttpStatusCode.ServiceUnavailable,
            """
            {"status":"unhealthy","checks":{"process":{"status":"healthy","description":null,"data":{}},"stopping":{"status":"unhealthy","description":"the service is stopping","data":{}}}}
            """);
    }

    private static Action<IServiceCollection> WithStore(HealthCheckResult result) =>
        services => services.AddHealthChecks().AddCheck("store", () => result);

    private static async Task Answers(DefaultsHost host, string path, HttpStatusCode status, string body)
    {
        using var answer = await host.Http.GetAsync(path, Waiting.Cancellation);
        Assert.Equal(status, answer.StatusCode);
        Assert.Equal("application/json", answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal(body, await answer.Content.ReadAsStringAsync(Waiting.Cancellation));
    }
}
