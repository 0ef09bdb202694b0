using Microsoft.Extensions.DependencyInjection;
using Middleware.Streaming;

namespace Tests.Middleware.Streaming;

/// <summary>Clients that follow events as they are accepted, in the time of the machine.</summary>
[Trait("Store", "Any")]
public sealed class FollowingEvents() : OnAService(new MiddlewareService { With = static services => services.AddSingleton(TimeProvider.System) })
{
    [Fact]
    public async Task An_event_is_shown_as_it_was_accepted_from_now_on()
    {
        await Service.Accept();
        using var stream = await EventStream.OpenAsync(Service.Http);
        var id = await Service.Accept("billing", "paid", "high", "m", "c-7");

        var shown = (await stream.NextAsync())!;

        Assert.Equal(["event_id", "correlation_id", "source", "event_type", "priority", "accepted_at", "expires_at"], shown.AsObject().Select(static member => member.Key));
        var listed = (await Service.Get("/api/v1/events?limit=1"))["items"]![0]!;
        Assert.All(shown.AsObject(), member => Assert.True(JsonNode.DeepEquals(member.Value, listed[member.Key]), member.Key));
        Assert.Equal(id, (string?)shown["event_id"]);
        Assert.Equal(["retry: 2000", "event: accepted"], stream.Others);
        Assert.Equal("text/event-stream", stream.Answer.Content.Headers.ContentType!.ToString());
        Assert.Equal("no-store", stream.Answer.Headers.CacheControl!.ToString());
        Assert.Equal(["no"], stream.Answer.Headers.GetValues("X-Accel-Buffering"));
        Assert.Empty(stream.Answer.Content.Headers.ContentEncoding);
    }

    [Fact]
    public async Task After_an_id_the_next_event_comes_whoever_was_there_meanwhile()
    {
        using var first = await EventStream.OpenAsync(Service.Http);
        var begin = first.LastId;
        var ids = new List<string> { await Service.Accept(), await Service.Accept() };
        Assert.Equal(ids, await first.NextIdsAsync(2));
        first.Dispose();
        ids.AddRange([await Service.Accept(), await Service.Accept(), await Service.Accept()]);

        using var second = await EventStream.OpenAfterAsync(Service.Http, first.LastId);
        Assert.Equal(ids[2..], await second.NextIdsAsync(3));

        using var byQuery = await EventStream.OpenAsync(Service.Http, $"?last_event_id={first.LastId}");
        Assert.Equal(ids[2..], await byQuery.NextIdsAsync(3));

        // A browser that comes back has the id of its address too.
        using var byBoth = await EventStream.OpenAsync(Service.Http, $"?last_event_id={begin}", $"Last-Event-ID: {second.LastId}");
        ids.Add(await Service.Accept());
        Assert.Equal(ids[5..], await byBoth.NextIdsAsync(1));

        using var fromTheBegin = await EventStream.OpenAfterAsync(Service.Http, begin);
        Assert.Equal(ids, await fromTheBegin.NextIdsAsync(6));
    }

    [Fact]
    public async Task More_events_than_a_page_come_each_once_and_in_order()
    {
        using var stream = await EventStream.OpenAsync(Service.Http);
        var ids = await Service.Accept((2 * StreamListener.MostRows) + 1);
        Assert.Equal(ids, await stream.NextIdsAsync(ids.Count));
        using var again = await EventStream.OpenAfterAsync(Service.Http, stream.LastId);
        ids.Add(await Service.Accept());
        Assert.Equal(ids[^1..], await again.NextIdsAsync(1));
    }

    [Theory]
    [InlineData("source=billing", "13")]
    [InlineData("event_type=paid", "12")]
    [InlineData("priority=high", "23")]
    [InlineData("correlation_id=c-b&event_type=paid", "2")]
    [InlineData("q=BURNING", "1")]
    [InlineData("filter=type%20%3D%20'sold'%20OR%20note%20%3D%20'x'", "23")]
    [InlineData("filter=severity%20%3D%20'high'&source=shop&q=hi", "2")]
    public async Task A_listener_gets_what_it_asks_for(string query, string expected)
    {
        using var stream = await EventStream.OpenAsync(Service.Http, $"?{query}");
        string[] ids =
        [
            await Service.Accept("billing", "paid", "low", "The house is burning", "c-a"),
            await Service.Accept("shop", "paid", "high", "They say hi", "c-b", """{"note":"x"}"""),
            await Service.Accept("billing", "sold", "high", "m", "c-b"),
        ];

        Assert.Equal(expected.Select(digit => ids[digit - '1']), await stream.NextIdsAsync(expected.Length));
    }

    [Theory]
    [InlineData("?last_event_id=nonsense", null, "last_event_id", "\"nonsense\" is no id of this stream; expected the id of an event of it, or none")]
    [InlineData("", "1.2.3", "Last-Event-ID", "\"1.2.3\" is no id of this stream; expected the id of an event of it, or none")]
    [InlineData("?filter=a%20%3D", null, "filter", null)]
    [InlineData("?status=pending", null, "status", null)]
    [InlineData("?priority=urgent", null, "priority", null)]
    public async Task A_faulty_request_is_refused_by_the_name_of_its_fault(string query, string? header, string field, string? fault)
    {
        using var answer = await Service.Http.Send(HttpMethod.Get, EventStream.Path + query, null, null, header is null ? [] : [$"Last-Event-ID: {header}"]);
        var errors = JsonNode.Parse(await answer.Content.ReadAsStringAsync(Waiting.Cancellation))!["errors"]!.AsObject();

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal(field, Assert.Single(errors).Key);
        Assert.Equal(fault ?? (string?)errors[field]![0], (string?)errors[field]![0]);
    }

    [Fact]
    public async Task More_listeners_than_may_be_are_refused_until_one_leaves()
    {
        var streams = new List<EventStream>();
        for (var number = 0; number < EventStreams.Most; number++)
        {
            streams.Add(await EventStream.OpenAsync(Service.Http));
        }

        using var refused = await Service.Http.GetAsync(EventStream.Path, HttpCompletionOption.ResponseHeadersRead, Waiting.Cancellation);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.Equal("5", refused.Headers.RetryAfter!.ToString());
        await Task.FromResult(refused).IsProblem(
            HttpStatusCode.ServiceUnavailable,
            "Too many listen already.",
            "100 listeners follow the events of this replica, which is the most. Listen again later, or read GET /api/v1/events.");

        streams[0].Dispose();
        await Waiting.Until(() => Service.Services.GetRequiredService<EventStreams>().Count < EventStreams.Most);
        using var next = await EventStream.OpenAsync(Service.Http);
        streams.ForEach(static stream => stream.Dispose());
    }

    [Fact]
    public async Task HEAD_answers_the_headers_alone()
    {
        using var answer = await Service.Http.SendAsync(new HttpRequestMessage(HttpMethod.Head, EventStream.Path), Waiting.Cancellation).InTime().WithStatus(HttpStatusCode.OK);

        Assert.Equal("text/event-stream", answer.Content.Headers.ContentType!.ToString());
        Assert.Equal(0, Service.Services.GetRequiredService<EventStreams>().Count);
    }

    [Fact]
    public async Task An_erased_event_comes_without_a_payload_that_a_filter_could_meet()
    {
        using var begin = await EventStream.OpenAsync(Service.Http);
        var erased = await Service.Accept();
        var other = await Service.Accept();
        Assert.Equal(HttpStatusCode.NoContent, await Service.Status(HttpMethod.Delete, $"/api/v1/events/{erased}"));

        using var all = await EventStream.OpenAfterAsync(Service.Http, begin.LastId);
        Assert.Equal([erased, other], await all.NextIdsAsync(2));
        using var filtered = await EventStream.OpenAsync(Service.Http, "?filter=TRUE", $"Last-Event-ID: {begin.LastId}");
        Assert.Equal([other], await filtered.NextIdsAsync(1));
    }
}
