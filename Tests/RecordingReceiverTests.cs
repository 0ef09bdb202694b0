using Microsoft.AspNetCore.Http;

namespace Tests;

public sealed class RecordingReceiverTests
{
    [Fact]
    public async Task Requests_are_recorded_by_endpoint_with_their_events_begin_end_and_status()
    {
        await using var receiver = await RecordingReceiver.StartAsync(static context =>
        {
            context.Response.StatusCode = context.Request.Path == "/a" ? StatusCodes.Status204NoContent : StatusCodes.Status503ServiceUnavailable;
            return Task.CompletedTask;
        });
        using var client = new HttpClient();

        await SendAsync(client, receiver.Url("a"), "one", "{}");
        await SendAsync(client, receiver.Url("a"), "batch", """[{"event_id":"two"},{"id":"three"}]""");
        await SendAsync(client, receiver.Url("b"), "one", "{}");

        var all = receiver.Of("a").All;
        Assert.Equal([["one"], ["two", "three"]], all.Select(static request => request.Events));
        Assert.All(all, static request => Assert.True(request is { IsSuccess: true, Status: 204 } && request.Began <= request.Ended));
        Assert.True(all[0].Ended <= all[1].Began);
        Assert.Equal([503], receiver.Of("b").All.Select(static request => request.Status));
    }

    [Fact]
    public async Task A_request_is_under_way_until_its_answer_or_until_its_sender_leaves()
    {
        await using var receiver = await RecordingReceiver.StartAsync(static context => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted));
        using var client = new HttpClient();
        using var leaving = new CancellationTokenSource();

        var sending = SendAsync(client, receiver.Url("a"), "one", "{}", leaving.Token);
        await Waiting.Until(() => receiver.Of("a").MostAtOnce == 1);
        Assert.Equal((null, 0), (receiver.Of("a").All[0].Ended, receiver.Of("a").All[0].Status));

        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending);
        await Waiting.Until(() => receiver.Of("a").All[0].Ended is not null);
        Assert.Equal(0, receiver.Of("a").All[0].Status);
    }

    [Fact]
    public void Requests_are_counted_at_each_instant()
    {
        var requests = Requests(Request(0, 10), Request(5, 20), Request(10, 12), Request(15, null));

        Assert.Equal([(0, 1), (5, 2), (10, 2), (12, 1), (15, 2), (20, 1)], requests.AtOnce.Select(static instant => ((int)instant.At.TotalMilliseconds, instant.Count)));
        Assert.Equal(2, requests.MostAtOnce);
        Assert.Equal(0, Requests().MostAtOnce);
    }

    [Fact]
    public void The_burst_is_what_came_beyond_the_rate()
    {
        var inARow = Requests(Request(0), Request(100), Request(200), Request(300));

        Assert.Equal(1, inARow.BurstAt(10));
        Assert.Equal(2.5, inARow.BurstAt(5));
        Assert.Equal(3, Requests(Request(0), Request(0), Request(0), Request(1000)).BurstAt(2));
        Assert.Equal(0, Requests().BurstAt(10));
    }

    [Fact]
    public void Events_that_succeeded_again_are_duplicates_and_failed_ones_are_not()
    {
        var requests = Requests(
            Request(0, 1, 503, "a"), Request(2, 3, 200, "a"), Request(4, 5, 200, "b", "c"), Request(6, 7, 200, "c"), Request(8, 9, 200, "c"), Request(10, 11, 0, "b"));

        Assert.Equal([KeyValuePair.Create("c", 2)], requests.Duplicates);
    }

    [Fact]
    public void An_event_is_out_of_order_when_it_begins_before_an_earlier_one_of_its_key_has_succeeded()
    {
        var requests = Requests(
            Request(0, 1, 503, "a"), Request(2, 5, 200, "a"), Request(4, 6, 200, "b"), Request(7, 8, 200, "c"), Request(9, 10, 200, "a"), Request(11, 12, 503, "dead"), Request(13, 14, 200, "d"));

        Assert.Equal(["b"], requests.OutOfOrder(["a", "b", "c", "dead", "d"]));
        Assert.Equal(["a", "b"], requests.OutOfOrder(["c", "a", "b", "missing"]));
        Assert.Empty(requests.OutOfOrder(["a", "c", "d"]));
    }

    private static RecordedRequests Requests(params RecordedRequest[] requests) => new(requests);

    private static RecordedRequest Request(int began, int? ended = null, int status = 200, params string[] events) => new("endpoint", events, TimeSpan.FromMilliseconds(began))
    {
        Ended = ended is { } time ? TimeSpan.FromMilliseconds(time) : null,
        Status = status,
    };

    private static async Task SendAsync(HttpClient client, Uri url, string id, string body, CancellationToken? cancellation = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new StringContent(body) };
        request.Headers.Add("webhook-id", id);
        using var answer = await client.SendAsync(request, cancellation ?? Waiting.Cancellation);
    }
}
