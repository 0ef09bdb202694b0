using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Middleware.Delivering;

namespace Tests.Middleware.Health;

public sealed class ProbingTheService : OnAService
{
    private static readonly string Process = Check("process");
    private static readonly string NotStopping = Check("stopping");
    private static readonly string Store = Check("store");
    private static readonly string Workers = Check("workers", data: """{"lanes":"1"}""");
    private static readonly string Endpoints = Check("endpoints");
    private static readonly string Defects = Check("defects");

    [Theory]
    [InlineData("/health")]
    [InlineData("/health/ready")]
    public Task All_is_well(string path) => Answers(Service.Http, path, HttpStatusCode.OK, "healthy", NotStopping, Store, Workers, Defects, Endpoints);

    [Fact]
    public async Task A_store_that_cannot_be_written_is_not_ready_and_the_process_is_alive()
    {
        await Service.AcceptAnswered(200);
        File.Delete(Service.DatabasePath);

        foreach (var path in (string[])["/health", "/health/ready"])
        {
            await Answers(
                Service.Http, path, HttpStatusCode.ServiceUnavailable, "unhealthy",
                NotStopping, Check("store", "unhealthy", "\"The store\\u0027s file is gone.\""), Workers, Defects, Endpoints);
        }

        foreach (var path in (string[])["/alive", "/health/live"])
        {
            await Answers(Service.Http, path, HttpStatusCode.OK, "healthy");
        }
    }

    [Fact]
    public async Task A_full_queue_is_degraded_and_still_ready()
    {
        await using var service = MiddlewareService.InMemory(("QUEUE_SIZE", "2"));
        service.Receiver.Hold();
        await service.PostEvent(ServiceRequests.Valid);
        await Answers(service.Http, "/health", HttpStatusCode.OK, "healthy", NotStopping, Store, Workers, Defects, Endpoints);

        await service.PostEvent(ServiceRequests.Valid);
        await Answers(service.Http, "/health/ready", HttpStatusCode.OK, "degraded", NotStopping, Store, Workers, Defects, Trouble("queue full: 2 wait"));

        service.Receiver.Release();
        await Waiting.Until(() => service.Waits == 0);
        await Answers(service.Http, "/health", HttpStatusCode.OK, "healthy", NotStopping, Store, Workers, Defects, Endpoints);
    }

    [Fact]
    public async Task A_circuit_that_is_not_closed_is_degraded_and_still_ready()
    {
        await using var service = MiddlewareService.InMemory(("QUEUE_SIZE", "30"));
        service.Receiver.Answer = _ => Made.Failed();
        await service.Accept(20);
        await Waiting.Until(() => service.Waits == 0 && service.Log.Of("circuit opened: its deliveries wait").Any());
        await Answers(service.Http, "/health", HttpStatusCode.OK, "degraded", NotStopping, Store, Workers, Defects, Trouble("circuit open"));

        await service.Accept(27);
        await Answers(service.Http, "/health", HttpStatusCode.OK, "degraded", NotStopping, Store, Workers, Defects, Trouble("queue full: 27 wait; circuit open"));
    }

    [Fact]
    public async Task From_the_first_moment_of_a_stop_it_is_not_ready_and_still_alive()
    {
        await using var service = MiddlewareService.InMemory();
        service.Receiver.Hold();
        await service.PostEvent(ServiceRequests.Valid);
        await Waiting.Until(() => service.Receiver.Running == 1);

        service.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();

        await service.Http.GetAsync("/health/ready", Waiting.Cancellation).HasStatus(HttpStatusCode.ServiceUnavailable);
        await Waiting.Until(() => !service.Services.GetRequiredService<LaneHost>().IsRunning);
        await Answers(
            service.Http, "/health/ready", HttpStatusCode.ServiceUnavailable, "unhealthy", Check("stopping", "unhealthy", "\"the service is stopping\""), Store,
            Check("workers", "unhealthy", "\"deliveries are not taken\"", """{"lanes":"1"}"""), Defects, Endpoints);
        await Answers(service.Http, "/alive", HttpStatusCode.OK, "healthy");
        service.Receiver.Release();
    }

    private static string Trouble(string trouble) =>
        Check("endpoints", "degraded", "\"1 endpoint has a full queue or fails\"", $$"""{"default":"{{trouble}}"}""");

    private static string Check(string name, string status = "healthy", string description = "null", string data = "{}") =>
        $$$"""
        "{{{name}}}":{"status":"{{{status}}}","description":{{{description}}},"data":{{{data}}}}
        """;

    private static async Task Answers(HttpClient http, string path, HttpStatusCode status, string word, params string[] checks)
    {
        using var answer = await http.GetAsync(path, Waiting.Cancellation);

        Assert.Equal($"{{\"status\":\"{word}\",\"checks\":{{{string.Join(',', [Process, .. checks])}}}}}", await answer.Content.ReadAsStringAsync(Waiting.Cancellation));
        Assert.Equal((status, "application/json"), (answer.StatusCode, answer.Content.Headers.ContentType?.MediaType));
    }
}
