using System.Text;

namespace Tests.Middleware.Http;

/// <summary>A byte order mark before JSON is skipped (RFC 8259, section 8.1), on every route that reads JSON.</summary>
public sealed class ByteOrderMarks : OnAService
{
    private const char Mark = '\ufeff';
    private const string Events = "/integrations/events";
    private const string Batch = Events + "/batch";
    private const string Filters = "/api/v1/filters/test";
    private const string Replays = "/api/v1/replays";
    private const string Endpoint = """{"name":"pager","url":"https://pager.example/hook"}""";
    private const string Posted = """{"source":"s","event_type":"t","severity":"low","message":"m"}""";

    [Theory]
    [InlineData(Events, Posted, HttpStatusCode.OK)]
    [InlineData("/v2" + Events, Posted, HttpStatusCode.Accepted)]
    [InlineData(Batch, $"[{Posted}]", HttpStatusCode.OK)]
    [InlineData(Batch, $"{Posted}\n{Posted}\n", HttpStatusCode.OK, "application/x-ndjson")]
    [InlineData(Filters, $$"""{"filter":{},"event":{{Posted}}}""", HttpStatusCode.OK)]
    [InlineData(ServiceRequests.Endpoints, Endpoint, HttpStatusCode.Created)]
    [InlineData(Replays, """{"of":"events","filter":{},"dry_run":true}""", HttpStatusCode.OK)]
    public async Task One_before_a_body_is_skipped(string path, string body, HttpStatusCode status, string contentType = "application/json")
    {
        await Answers(HttpMethod.Post, path, Mark + body, status, contentType);
        await Answers(HttpMethod.Post, path, body, status, contentType);
    }

    [Fact]
    public async Task One_before_a_change_or_a_replay_of_what_is_there_is_skipped()
    {
        var id = await Service.AcceptAnswered(404);
        var endpoint = (string)(await Service.Create(Endpoint))["id"]!;

        await Answers(HttpMethod.Put, $"{ServiceRequests.Endpoints}/{endpoint}", Mark + Endpoint, HttpStatusCode.OK);
        await Answers(HttpMethod.Post, $"/api/v1/events/{id}/replay", Mark + """{"endpoint_id":"default"}""", HttpStatusCode.Accepted);
    }

    [Theory]
    [InlineData(Events, "\ufeff\ufeff" + Posted)]
    [InlineData(Events, "\ufeff")]
    [InlineData(Events, " \ufeff" + Posted)]
    [InlineData(Batch, "\ufeff\ufeff[" + Posted + "]")]
    [InlineData(Batch, "\ufeff")]
    [InlineData(Filters, "\ufeff")]
    [InlineData(ServiceRequests.Endpoints, "\ufeff\ufeff" + Endpoint)]
    [InlineData(Replays, "\ufeff")]
    public Task Any_other_is_refused(string path, string body) => Answers(HttpMethod.Post, path, body, HttpStatusCode.BadRequest);

    [Fact]
    public async Task One_before_a_later_event_breaks_an_array_and_is_a_fault_of_its_line()
    {
        await Answers(HttpMethod.Post, Batch, $"[{Posted},{Mark}{Posted}]", HttpStatusCode.BadRequest);
        using var answer = await Service.Send(HttpMethod.Post, Batch, Encoding.UTF8.GetBytes($"{Posted}\n{Mark}{Posted}"), "application/x-ndjson");

        Assert.StartsWith("{\"accepted\":1,\"rejected\":1,", await answer.Content.ReadAsStringAsync(Waiting.Cancellation), StringComparison.Ordinal);
    }

    private async Task Answers(HttpMethod method, string path, string body, HttpStatusCode status, string contentType = "application/json")
    {
        using var answer = await Service.Send(method, path, Encoding.UTF8.GetBytes(body), contentType, "If-Match: *");

        var text = await answer.Content.ReadAsStringAsync(Waiting.Cancellation);
        Assert.True(status == answer.StatusCode && !text.Contains("\"rejected\":1", StringComparison.Ordinal), $"{answer.StatusCode}: {text}");
    }
}
