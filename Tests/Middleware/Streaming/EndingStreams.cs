using Microsoft.Extensions.DependencyInjection;
using Middleware.Streaming;
using Tests.Middleware.Callers;
using KeyedService = Tests.Middleware.Callers.KeyedService;

namespace Tests.Middleware.Streaming;

/// <summary>Streams in a time that goes on in steps: their heartbeat, and their ends.</summary>
[Trait("Store", "Any")]
public sealed class EndingStreams
{
    private static readonly int Heartbeats = (int)(StreamListener.Heartbeat / StreamListener.Pause);

    [Fact]
    public async Task A_comment_comes_every_15_seconds_with_the_place()
    {
        await using var service = new MiddlewareService();
        using var stream = await EventStream.OpenAsync(service.Http, "?source=billing");
        var begin = stream.LastId;
        await service.Accept("other");
        await StepAsync(service, Heartbeats);
        await StepAsync(service, Heartbeats);
        var id = await service.Accept("billing");
        await StepAsync(service, 1);

        Assert.Equal([id], await stream.NextIdsAsync(1));
        Assert.Equal(["retry: 2000", ": still here", ": still here", "event: accepted"], stream.Others);
        Assert.Equal((4, begin), (stream.Ids.Count, stream.Ids[0]));
        Assert.NotEqual(begin, stream.Ids[1]);
    }

    [Fact]
    public async Task A_revoked_key_ends_its_stream_and_no_other()
    {
        await using var keyed = new KeyedService();
        var (id, key) = await keyed.Make("events:read");
        var (_, other) = await keyed.Make("events:read");
        using var stream = await EventStream.OpenAsync(keyed.Service.Http, "", KeyedService.As(key));
        using var left = await EventStream.OpenAsync(keyed.Service.Http, "", KeyedService.As(other));

        Assert.Equal(HttpStatusCode.NoContent, await keyed.Status(KeyedService.AdminKey, HttpMethod.Delete, $"{KeyedService.Keys}/{id}"));

        Assert.Equal(0, await Passing(keyed.Service, stream.ReadToEndAsync));
        using var accepted = await keyed.PostEvent(KeyedService.AdminKey);
        Assert.NotNull(await Passing(keyed.Service, left.NextAsync));
    }

    [Fact]
    public async Task A_key_that_expires_ends_its_stream()
    {
        await using var keyed = new KeyedService();
        var (_, key) = await keyed.Make("events:read", "\"expires_at\":\"2026-03-01T12:01:00Z\"");
        using var stream = await EventStream.OpenAsync(keyed.Service.Http, "", KeyedService.As(key));

        Assert.Equal(0, await Passing(keyed.Service, stream.ReadToEndAsync));
        Assert.InRange(keyed.Service.Clock.GetUtcNow(), TestClock.Noon.AddMinutes(1), DateTimeOffset.MaxValue);
    }

    [Fact]
    public async Task A_token_that_expires_ends_its_stream()
    {
        // The handler of tokens reads the time of the machine.
        var now = TimeProvider.System.GetUtcNow();
        using var tokens = new MadeTokens();
        await using var service = new MiddlewareService(("AUTH", "jwt"), ("JWT_JWKS", tokens.KeySet), ("JWT_AUDIENCE", MadeTokens.Audience)) { Clock = new TestClock(now) };
        using var stream = await EventStream.OpenAsync(service.Http, "", KeyedService.As(tokens.Make(now, "scope", "events:read", lifetime: TimeSpan.FromMinutes(2))));

        Assert.Equal(0, await Passing(service, stream.ReadToEndAsync));
    }

    [Theory]
    [InlineData("q=m")]
    [InlineData("filter=TRUE")]
    public async Task A_search_of_payloads_needs_their_scope(string query)
    {
        await using var keyed = new KeyedService();
        var (_, key) = await keyed.Make("events:read");
        var (_, reader) = await keyed.Make("payloads:read");

        Assert.Equal(HttpStatusCode.Forbidden, await keyed.Status(key, HttpMethod.Get, $"{EventStream.Path}?{query}"));
        Assert.Equal(HttpStatusCode.OK, await keyed.Status(reader, HttpMethod.Head, $"{EventStream.Path}?{query}"));
    }

    [Fact]
    public async Task A_stop_does_not_wait_for_listeners()
    {
        // In the time of the machine, of which a test waits for less than a stop may take.
        var service = new MiddlewareService(("SHUTDOWN_TIMEOUT", "5m")) { With = static services => services.AddSingleton(TimeProvider.System) };
        service.UseKestrel();
        var streams = new List<EventStream>();
        for (var number = 0; number < 5; number++)
        {
            streams.Add(await EventStream.OpenAsync(service.Http));
        }

        var ends = streams.Select(static stream => stream.ReadToEndAsync()).ToList();
        await service.DisposeAsync().InTime();

        Assert.All(await Task.WhenAll(ends).InTime(), static count => Assert.Equal(0, count));
        streams.ForEach(static stream => stream.Dispose());
    }

    /// <summary>Lets the time go on by so many looks for events, the next when the one before is done.</summary>
    private static async Task StepAsync(MiddlewareService service, int looks)
    {
        await Waiting.Until(() => Looks(service) > 0);
        for (var look = 0; look < looks; look++)
        {
            var begun = Looks(service);
            service.Clock.Advance(StreamListener.Pause);
            await Waiting.Until(() => Looks(service) > begun);
        }
    }

    private static int Looks(MiddlewareService service) => service.Clock.Waits.Count(static wait => wait == StreamListener.Pause);

    /// <summary>Lets the time go on by one look for events after the other until something is done.</summary>
    private static async Task<T> Passing<T>(MiddlewareService service, Func<Task<T>> ask)
    {
        var asked = ask();
        await Waiting.Until(() => Looks(service) > 0);
        while (!asked.IsCompleted)
        {
            var begun = Looks(service);
            service.Clock.Advance(StreamListener.Pause);
            await Waiting.Until(() => asked.IsCompleted || Looks(service) > begun);
        }

        return await asked;
    }
}
