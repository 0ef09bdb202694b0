using System.Net;
using Middleware.Streaming;
using Tests.Middleware.Callers;

namespace Tests.Middleware.Streaming;

/// <summary>Streams in a time that goes on in steps: their heartbeat, and their ends.</summary>
[Trait("Store", "Any")]
public sealed class EndingStreams
{
    [Fact]
    public async Task A_comment_comes_every_15_seconds_with_the_place()
    {
        await using var service = new MiddlewareService();
        using var stream = await EventStream.OpenAsync(service.Http, "?source=billing");
        var begin = stream.LastId;
        await service.Accept("other");

        var start = service.Clock.GetUtcNow();
        await Passing(service, () => Until(stream, ": still here"));
        await Passing(service, () => Until(stream, "id: "));

        Assert.Equal(StreamListener.Heartbeat, service.Clock.GetUtcNow() - start);
        Assert.NotEqual(begin, stream.LastId);
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
        Assert.Equal(TestClock.Noon.AddMinutes(1), keyed.Service.Clock.GetUtcNow());
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
        var service = new MiddlewareService(("SHUTDOWN_TIMEOUT", "5m"));
        service.UseKestrel();
        var streams = new List<EventStream>();
        for (var number = 0; number < 5; number++)
        {
            streams.Add(await EventStream.OpenAsync(service.Http));
        }

        var ends = streams.Select(static stream => stream.ReadToEndAsync()).ToList();
        await service.DisposeAsync();

        Assert.All(await Task.WhenAll(ends).InTime(), static count => Assert.Equal(0, count));
        Assert.InRange(service.Clock.GetUtcNow() - TestClock.Noon, TimeSpan.Zero, TimeSpan.FromMinutes(4));
        streams.ForEach(static stream => stream.Dispose());
    }

    private static async Task<bool> Until(EventStream stream, string begin)
    {
        while (await stream.ReadLineAsync() is { } line)
        {
            if (line.StartsWith(begin, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Lets the time go on by one look for events after the other until something is done.</summary>
    private static async Task<T> Passing<T>(MiddlewareService service, Func<Task<T>> ask)
    {
        var asked = ask();
        await Waiting.Until(() => Looks() > 0);
        while (!asked.IsCompleted)
        {
            var begun = Looks();
            service.Clock.Advance(StreamListener.Pause);
            await Waiting.Until(() => asked.IsCompleted || Looks() > begun);
        }

        return await asked;

        int Looks() => service.Clock.Waits.Count(static wait => wait == StreamListener.Pause);
    }
}
