using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Tests.ServiceDefaults;

public class HealthTests
{
    private static readonly string Process = Check("process", "healthy");
    private static readonly string Stopping = Check("stopping", "healthy");

    [Theory]
    [InlineData("/alive")]
    [InlineData("/health/live")]
    public async Task A_process_that_answers_is_alive(string path)
    {
        await using var host = await DefaultsHost.Start(add: WithStore(HealthCheckResult.Unhealthy()));

        await Answers(host, path, HttpStatusCode.OK, "healthy", Process);
    }

    [Theory]
    [InlineData("/health")]
    [InlineData("/health/ready")]
    public async Task Readiness_names_every_check(string path)
    {
        await using var host = await DefaultsHost.Start();

        await Answers(host, path, HttpStatusCode.OK, "healthy", Process, Stopping);
    }

    [Fact]
    public async Task What_is_degraded_is_told_and_still_ready()
    {
        var degraded = HealthCheckResult.Degraded("is full", data: new Dictionary<string, object> { ["waiting"] = 1000 });
        await using var host = await DefaultsHost.Start(add: WithStore(degraded));

        await Answers(host, "/health", HttpStatusCode.OK, "degraded", Process, Stopping, Check("store", "degraded", "is full", """ "waiting":"1000" """));
    }

    [Fact]
    public async Task What_is_unhealthy_is_not_ready()
    {
        await using var host = await DefaultsHost.Start(add: WithStore(HealthCheckResult.Unhealthy("is gone")));

        await Answers(host, "/health/ready", HttpStatusCode.ServiceUnavailable, "unhealthy", Process, Stopping, Check("store", "unhealthy", "is gone"));
    }

    [Fact]
    public async Task A_service_that_stops_is_alive_and_not_ready()
    {
        await using var host = await DefaultsHost.Start();

        host.App.Lifetime.StopApplication();

        await Answers(host, "/alive", HttpStatusCode.OK, "healthy", Process);
        await Answers(host, "/health", HttpStatusCode.ServiceUnavailable, "unhealthy", Process, Check("stopping", "unhealthy", "the service is stopping"));
    }

    private static Action<IServiceCollection> WithStore(HealthCheckResult result) => services => services.AddHealthChecks().AddCheck("store", () => result);

    private static string Check(string name, string status, string? description = null, string data = "") =>
        $"\"{name}\":{{\"status\":\"{status}\",\"description\":{(description is null ? "null" : $"\"{description}\"")},\"data\":{{{data.Trim()}}}}}";

    private static async Task Answers(DefaultsHost host, string path, HttpStatusCode code, string status, params string[] checks)
    {
        using var answer = await host.Http.GetAsync(path, Waiting.Cancellation);
        Assert.Equal(code, answer.StatusCode);
        Assert.Equal("application/json", answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal($"{{\"status\":\"{status}\",\"checks\":{{{string.Join(',', checks)}}}}}", await answer.Content.ReadAsStringAsync(Waiting.Cancellation));
    }
}
