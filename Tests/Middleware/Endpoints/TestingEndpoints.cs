using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Middleware.Delivering;
using Middleware.Events;
using Middleware.Sending;
using Tests.Middleware.Sending;
using Tests.Middleware.Sending.Signing;

namespace Tests.Middleware.Endpoints;

public sealed class TestingEndpoints() : OnAService(new MiddlewareService(("ALLOWED_NETWORKS", "127.0.0.0/8"), ("MAX_RETRIES", "3")) { With = Sending })
{
    private const string NoTries = """{"state":"healthy","circuit":"closed","success_rate":null,"consecutive_failures":0,"p95_ms":null,"waiting":0,"held":0,"oldest_waiting_s":0}""";

    private static readonly Action<IServiceCollection> Sending = static services => services.AddSingleton<IDeliveryClient, DeliveryClient>();

    [Fact]
    public async Task A_sample_event_arrives_signed_and_marked_and_the_answer_is_the_try()
    {
        await using var receiver = new Receiver(Receiver.Answer(200, "thanks"));
        var created = await Create(receiver.Url, "\"headers\":{\"X-Team\":\"core\"}");

        var tried = await Test((string)created["id"]!, "X-Correlation-ID: try-1");

        Assert.Equal(
            $$"""{"endpoint_id":"{{created["id"]}}","number":1,"started_at":"2026-03-01T12:00:00Z","latency_ms":0,"status_code":200,"reason":null,"error":null,"response":"thanks","batch_id":null,"replica":null}""",
            tried.ToJsonString());

        var request = Assert.Single(receiver.Requests);
        var (id, timestamp, signature) = (request["webhook-id"].Single(), request["webhook-timestamp"].Single(), request["webhook-signature"].Single());
        Assert.Equal(
            $$$"""{"event_id":"{{{id}}}","correlation_id":"try-1","source":"aspire-integration","event_type":"endpoint_test","priority":"low","severity":"info","message":"This is a test of the endpoint: nothing happened, and nothing is to be done.","metadata":{"endpoint_id":"{{{created["id"]}}}","test":true},"timestamp":"2026-03-01T12:00:00.0000000Z"}""",
            request.Body);
        Assert.Equal(("true", "1", "core", "try-1"), (Only("X-Delivery-Test"), Only("X-Delivery-Attempt"), Only("X-Team"), Only("X-Correlation-ID")));
        Assert.True(WebhookVerification.IsGenuine((string)created["secret"]!, id, timestamp, signature, Encoding.UTF8.GetBytes(request.Body), TestClock.Noon));

        string Only(string name) => request[name].Single();
    }

    [Fact]
    public async Task Nothing_of_it_is_kept_or_counted()
    {
        await using var receiver = new Receiver(Receiver.Answer(503));
        var id = (string)(await Create(receiver.Url))["id"]!;

        var tried = await Test(id);

        Assert.Equal((503, "http_503", "HTTP status 503"), ((int)tried["status_code"]!, (string?)tried["reason"], (string?)tried["error"]));
        Assert.Single(receiver.Requests);
        Assert.Equal(NoTries, (await Health(id)).ToJsonString());
        foreach (var list in (string[])["/api/v1/events", "/api/v1/dead-letters"])
        {
            Assert.Empty((await Service.Ask(HttpMethod.Get, list, HttpStatusCode.OK))["items"]!.AsArray());
        }
    }

    [Fact]
    public async Task It_is_sent_whatever_the_filter_the_rate_limit_and_the_state()
    {
        await using var receiver = new Receiver(Receiver.Answer(200));
        var id = (string)(await Create(receiver.Url, """ "enabled":false,"rate_limit":{"per_second":0.1,"burst":1},"filter":{"sources":["billing"]} """))["id"]!;

        for (var number = 0; number < 3; number++)
        {
            Assert.Equal(200, (int)(await Test(id))["status_code"]!);
        }

        Assert.Equal(3, receiver.Requests.SelectMany(request => request["webhook-id"]).Distinct().Count());
    }

    [Fact]
    public async Task It_is_sent_while_the_circuit_is_open_and_leaves_it_so()
    {
        await using var receiver = new Receiver([Receiver.Answer(400), .. Enumerable.Repeat(Receiver.Answer(429), 20), Receiver.Answer(200)]);
        var id = (string)(await Create(receiver.Url))["id"]!;
        await Service.Accept(22);
        await Waiting.Until(() => receiver.Requests.Count == 20 && Service.Store.Waiting(new EndpointId(id)) == 2);
        var before = (await Health(id)).ToJsonString();

        Assert.Equal(429, (int)(await Test(id))["status_code"]!);
        Assert.Equal(200, (int)(await Test(id))["status_code"]!);
        Assert.Equal(before, (await Health(id)).ToJsonString());
        Assert.Equal(
            """{"state":"failing","circuit":"open","success_rate":0,"consecutive_failures":20,"p95_ms":0.0625,"waiting":2,"held":0,"oldest_waiting_s":0}""",
            before);
    }

    [Theory]
    [InlineData("\"format\":\"cloudevents\"", "application/cloudevents+json", "type", null)]
    [InlineData("\"batch\":{\"max_size\":10,\"max_wait\":\"1m\"}", "application/json", "event_type", 0)]
    [InlineData("\"batch\":{\"max_size\":10,\"max_wait\":\"1m\"},\"format\":\"cloudevents\"", "application/cloudevents-batch+json", "type", 0)]
    public async Task It_comes_in_the_endpoint_s_form(string definition, string contentType, string type, int? index)
    {
        await using var receiver = new Receiver(Receiver.Answer(200));

        await Test((string)(await Create(receiver.Url, definition))["id"]!);

        var request = receiver.Requests.Single();
        var body = JsonNode.Parse(request.Body)!;
        Assert.Equal([contentType], request["Content-Type"]);
        Assert.Equal("endpoint_test", (string?)(index is { } at ? body[at] : body)![type]);
    }

    [Fact]
    public async Task A_receiver_that_hangs_is_given_the_time_of_a_try()
    {
        await using var receiver = new Receiver(Receiver.Hang);
        var id = (string)(await Create(receiver.Url, "\"timeout\":\"7s\""))["id"]!;

        var testing = Test(id);
        await receiver.Received(1);
        Service.Clock.Advance(TimeSpan.FromSeconds(7));
        var tried = await testing;

        Assert.Equal(("timeout", "no answer within the time-out", 7_000), ((string?)tried["reason"], (string?)tried["error"], (int)tried["latency_ms"]!));
        Assert.Null(tried["status_code"]);
        Assert.Single(receiver.Requests);
    }

    [Fact]
    public async Task Where_nobody_listens_the_answer_says_so()
    {
        using var bound = new Socket(SocketType.Stream, ProtocolType.Tcp);
        bound.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var id = (string)(await Create(new Uri($"http://127.0.0.1:{((IPEndPoint)bound.LocalEndPoint!).Port}/")))["id"]!;

        Assert.Equal("connection_refused", (string?)(await Test(id))["reason"]);
    }

    [Fact]
    public async Task The_built_in_endpoint_is_tested_too_and_an_unknown_one_is_not_found()
    {
        await using var receiver = new Receiver(Receiver.Answer(204));
        await using var service = new MiddlewareService(("EXTERNAL_ENDPOINT_URL", receiver.Url.OriginalString)) { With = Sending };

        Assert.Equal(204, (int)(await service.Ask(HttpMethod.Post, $"{ServiceRequests.Endpoints}/default/test", HttpStatusCode.OK))["status_code"]!);
        Assert.Equal("""{"endpoint_id":"default","test":true}""", JsonNode.Parse(receiver.Requests.Single().Body)!["metadata"]!.ToJsonString());
        Assert.Empty(receiver.Requests.Single()["webhook-signature"]);

        await service.Ask(HttpMethod.Post, $"{ServiceRequests.Endpoints}/ep_1/test", HttpStatusCode.NotFound);
    }

    private Task<JsonNode> Create(Uri url, string? more = null) => Service.Ask(
        HttpMethod.Post, ServiceRequests.Endpoints, HttpStatusCode.Created, $$"""{"name":"pager","url":"{{url}}"{{(more is null ? "" : "," + more)}}}""");

    private Task<JsonNode> Health(string id) => Service.Get($"{ServiceRequests.Endpoints}/{id}/health");

    private async Task<JsonNode> Test(string id, params string[] headers)
    {
        using var answer = await Service.Send(HttpMethod.Post, $"{ServiceRequests.Endpoints}/{id}/test", [], contentType: null, headers).WithStatus(HttpStatusCode.OK);
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync(Waiting.Cancellation))!;
    }
}
