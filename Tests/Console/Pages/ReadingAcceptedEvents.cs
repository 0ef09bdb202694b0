using System.Net;
using System.Security.Claims;
using AspireIntegration.Client;
using AspireIntegration.Client.Operating;
using AspireIntegration.Console.SigningIn;
using AspireIntegration.Console.Streaming;
using Microsoft.AspNetCore.Components.Authorization;
using Tests.Middleware;
using Tests.Middleware.Callers;

namespace Tests.Console.Pages;

/// <summary>The stream of events as the console reads it from the middleware.</summary>
public sealed class ReadingAcceptedEvents
{
    private const string KeyText = "no-key";

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task It_begins_with_the_next_event_and_goes_on_after_a_pause_without_a_gap()
    {
        await using var keyed = new KeyedService();
        keyed.Service.UseKestrel();
        var (_, key) = await keyed.Make("events:read events:write");
        (await keyed.PostEvent(key, "before")).Dispose();
        var stream = StreamOf(keyed, key);
        var place = new StreamPlace();

        using (var paused = new CancellationTokenSource())
        {
            await using var events = Follow(stream, place, paused.Token);
            Assert.True(await events.MoveNextAsync().InTime());
            Assert.Null(events.Current);
            (await keyed.PostEvent(key, "first")).Dispose();
            await NextAsync(keyed, events);
            Assert.Equal("first", events.Current!.Source);
            Assert.NotNull(place.LastId);
            var last = events.MoveNextAsync().AsTask();
            await paused.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => last.InTime());
        }

        (await keyed.PostEvent(key, "meanwhile")).Dispose();
        (await keyed.PostEvent(key, "other")).Dispose();
        await using var resumed = Follow(stream, place, Waiting.Cancellation);
        Assert.True(await resumed.MoveNextAsync().InTime());
        await NextAsync(keyed, resumed);
        var seen = resumed.Current!;
        await NextAsync(keyed, resumed);

        Assert.Equal(("meanwhile", Priority.Low), (seen.Source, seen.Priority));
        Assert.Matches("^[0-9a-f]{32}$", seen.EventId);
        Assert.Equal("other", resumed.Current!.Source);
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task Conditions_are_those_of_the_stream()
    {
        await using var keyed = new KeyedService();
        keyed.Service.UseKestrel();
        var stream = StreamOf(keyed, KeyedService.AdminKey);
        await using var events = stream.FollowAsync(
            new StreamAsk(new EventQuery { Source = "a & b", EventType = "made", Priority = Priority.Low, Q = "m" }, "source = 'a & b'"), new StreamPlace(), Waiting.Cancellation).GetAsyncEnumerator(Waiting.Cancellation);
        Assert.True(await events.MoveNextAsync().InTime());

        (await keyed.PostEvent(KeyedService.AdminKey, "b")).Dispose();
        (await keyed.PostEvent(KeyedService.AdminKey, "a & b")).Dispose();

        await NextAsync(keyed, events);
        Assert.Equal("a & b", events.Current!.Source);
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task A_refusal_has_its_status_and_its_faults()
    {
        await using var keyed = new KeyedService();
        keyed.Service.UseKestrel();
        var refused = await Assert.ThrowsAsync<AspireIntegrationException>(() => FirstAsync(StreamOf(keyed, KeyedService.AdminKey), new StreamAsk(new EventQuery(), "a =")));
        var unknown = await Assert.ThrowsAsync<AspireIntegrationException>(() => FirstAsync(StreamOf(keyed, KeyText), new StreamAsk(new EventQuery(), null)));

        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.StartsWith("at character 3:", Assert.Single(refused.Errors["filter"]), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Unauthorized, unknown.StatusCode);
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task The_id_of_an_event_of_which_the_rest_was_lost_does_not_count()
    {
        using var middleware = new ScriptedMiddleware(_ => new HttpResponseMessage { Content = new StringContent("id: 7\n\n: still here\n\nevent: accepted\nid: 8\ndata: {\"event_id\":") });
        var place = new StreamPlace();
        var stream = new HttpEventFeed(new OneClient(() => new HttpClient(middleware, disposeHandler: false) { BaseAddress = new Uri("http://middleware.test/") }), new Credential(new SignedIn(KeyText)), new TestClock());

        await foreach (var item in stream.FollowAsync(new StreamAsk(new EventQuery(), null), place, Waiting.Cancellation))
        {
            Assert.Null(item);
        }

        Assert.Equal("7", place.LastId);
    }

    [Theory(Timeout = Waiting.TestLimit)]
    [InlineData("id: 7\n\nevent: accepted\ndata: {]\n\n")]
    [InlineData("id: 7\n\nevent: accepted\ndata: \"x\"\n\n")]
    public async Task Bytes_that_are_no_event_are_a_fault_of_the_connection_that_keeps_the_place(string body)
    {
        using var middleware = new ScriptedMiddleware(_ => new HttpResponseMessage { Content = new StringContent(body) });
        var place = new StreamPlace();
        var stream = new HttpEventFeed(new OneClient(() => new HttpClient(middleware, disposeHandler: false) { BaseAddress = new Uri("http://middleware.test/") }), new Credential(new SignedIn(KeyText)), new TestClock());

        await Assert.ThrowsAsync<HttpRequestException>(async () =>
        {
            await foreach (var _ in stream.FollowAsync(new StreamAsk(new EventQuery(), null), place, Waiting.Cancellation))
            {
            }
        });

        Assert.Equal("7", place.LastId);
    }

    private static HttpEventFeed StreamOf(KeyedService keyed, string key) =>
        new(new OneClient(() => new HttpClient { BaseAddress = keyed.Service.Http.BaseAddress }), new Credential(new SignedIn(key)), new TestClock());

    private static IAsyncEnumerator<EventItem?> Follow(HttpEventFeed stream, StreamPlace place, CancellationToken cancellationToken) =>
        stream.FollowAsync(new StreamAsk(new EventQuery(), null), place, cancellationToken).GetAsyncEnumerator(cancellationToken);

    private static async Task NextAsync(KeyedService keyed, IAsyncEnumerator<EventItem?> events)
    {
        // The service looks for events by its own clock.
        var next = events.MoveNextAsync().AsTask();
        await keyed.Service.Passing(() => Task.FromResult(next.IsCompleted));
        Assert.True(await next);
    }

    private static async Task FirstAsync(HttpEventFeed stream, StreamAsk asked)
    {
        await using var events = stream.FollowAsync(asked, new StreamPlace(), Waiting.Cancellation).GetAsyncEnumerator(Waiting.Cancellation);
        await events.MoveNextAsync().InTime();
    }

    private sealed class OneClient(Func<HttpClient> make) : IHttpClientFactory
    {
        public HttpClient CreateClient(string name) => make();
    }

    private sealed class SignedIn(string key) : AuthenticationStateProvider
    {
        public override Task<AuthenticationState> GetAuthenticationStateAsync() =>
            Task.FromResult(new AuthenticationState(new ClaimsPrincipal(new ClaimsIdentity([new Claim(Credential.Claim, key)], "test"))));
    }
}
