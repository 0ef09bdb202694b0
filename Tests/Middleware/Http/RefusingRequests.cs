using System.Text;

namespace Tests.Middleware.Http;

public class RefusingRequests() : OnAService(MiddlewareService.InMemory())
{
    [Theory]
    [InlineData("application/json")]
    [InlineData("Application/JSON")]
    [InlineData("application/json;charset=utf-8")]
    [InlineData("application/json; charset=\"UTF-8\"")]
    [InlineData("application/json; v=1")]
    public Task JSON_in_UTF_8_is_read(string contentType) => Service.PostEvent(Encoding.UTF8.GetBytes(ServiceRequests.Valid), contentType).HasStatus(HttpStatusCode.OK);

    [Theory]
    [InlineData(null)]
    [InlineData("text/plain")]
    [InlineData("application/xml")]
    [InlineData("application/jsonx")]
    [InlineData("application/problem+json")]
    [InlineData("application/json; charset=utf-16")]
    [InlineData("application/json; charset=latin1")]
    [InlineData("application/x-www-form-urlencoded")]
    public async Task Any_other_content_type_is_refused(string? contentType)
    {
        await Service.PostEvent(Encoding.UTF8.GetBytes(ServiceRequests.Valid), contentType).IsProblem(
            HttpStatusCode.UnsupportedMediaType,
            "The content type is not supported.",
            $"Content-Type is \"{contentType}\"; expected application/json in UTF-8.");
        Assert.Equal(0, Service.Waits);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_body_over_the_limit_is_refused_also_when_it_does_not_tell_its_length(bool chunked)
    {
        await using var service = MiddlewareService.InMemory(("MAX_EVENT_BYTES", "2048"));
        service.UseKestrel();
        var most = Encoding.UTF8.GetBytes(ServiceRequests.Valid.PadRight(2_048));

        await Post(most).HasStatus(HttpStatusCode.OK);

        await Post([.. most, (byte)' ']).IsProblem(
            HttpStatusCode.RequestEntityTooLarge, "The event is too large.", "The body is larger than 2048 bytes (MAX_EVENT_BYTES).");
        Assert.Single(await service.Delivered(1));

        Task<HttpResponseMessage> Post(byte[] body) => chunked ? service.PostChunked(body) : service.PostEvent(body);
    }

    [Fact]
    public async Task The_limit_is_256_KiB_by_default()
    {
        await Service.PostEvent(ServiceRequests.Valid.PadRight(262_144)).HasStatus(HttpStatusCode.OK);
        await Service.PostEvent(ServiceRequests.Valid.PadRight(262_145)).HasStatus(HttpStatusCode.RequestEntityTooLarge);
    }

    [Theory]
    [InlineData("GET", "/integrations/events", HttpStatusCode.MethodNotAllowed, "Method Not Allowed")]
    [InlineData("PUT", "/integrations/events", HttpStatusCode.MethodNotAllowed, "Method Not Allowed")]
    [InlineData("DELETE", "/integrations/events", HttpStatusCode.MethodNotAllowed, "Method Not Allowed")]
    [InlineData("POST", "/", HttpStatusCode.NotFound, "Not Found")]
    [InlineData("POST", "/integrations", HttpStatusCode.NotFound, "Not Found")]
    [InlineData("POST", "/integrations/eventss", HttpStatusCode.NotFound, "Not Found")]
    public Task Another_route_or_method_is_a_problem(string method, string path, HttpStatusCode status, string title) =>
        Service.Http.Send(new HttpMethod(method), path, null, null).IsProblem(status, title, detail: null);

    [Fact]
    public async Task A_full_queue_answers_503_and_keeps_nothing_but_critical_events_in_its_reserve()
    {
        await using var service = MiddlewareService.InMemory(("QUEUE_SIZE", "20"), ("WORKER_COUNT", "1"));
        service.Receiver.Hold();
        var low = ServiceRequests.Valid.Replace("\"critical\"", "\"low\"", StringComparison.Ordinal);

        await Accepted(low, 18);
        await IsFull(low);
        await IsFull(low.Replace("\"low\"", "\"high\"", StringComparison.Ordinal));
        await Accepted(ServiceRequests.Valid, 2);
        await IsFull(ServiceRequests.Valid);
        Assert.Equal(20, service.Waits);

        service.Receiver.Release();
        Assert.Equal(20, (await service.Delivered(20)).Count);
        await Accepted(low, 1);
        Assert.Equal(21, (await service.Delivered(21)).Count);

        async Task Accepted(string body, int count)
        {
            for (var number = 0; number < count; number++)
            {
                await service.PostEvent(body).HasStatus(HttpStatusCode.OK);
            }
        }

        async Task IsFull(string body)
        {
            using var answer = await service.PostEvent(body);
            Assert.Equal(TimeSpan.FromSeconds(1), answer.Headers.RetryAfter?.Delta);
            await Task.FromResult(answer).IsProblem(
                HttpStatusCode.ServiceUnavailable,
                "The queue is full.",
                "Every endpoint that matches this event has a full queue (QUEUE_SIZE). Nothing was kept: send it again later.");
        }
    }
}
