using System.IO.Compression;
using System.Text;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using ServiceDefaults.Bodies;
using Tests.Middleware.Telemetry;

namespace Tests.Middleware.Http;

/// <summary>The room that the bodies under way take, of which there is the least that can be set.</summary>
public sealed class BoundingBodies() : OnAService(Start())
{
    private const string Event = "/integrations/events";
    private const string Batch = "/integrations/events/batch";
    private const int Room = 32 << 20;

    private static readonly string Made = ServiceRequests.Event("tests");

    [Theory]
    [InlineData(Event, "Content-Length: 16777216", 16 << 20)]
    [InlineData(Event, "Transfer-Encoding: chunked", 16 << 20)]
    [InlineData(Batch, "Content-Length: 8388608", 8 << 20)]
    [InlineData(Batch, "Transfer-Encoding: chunked", 8 << 20)]
    public async Task What_there_is_no_room_for_is_refused_and_counted(string path, string length, int most)
    {
        var sent = $"[{new string(' ', most - 3)}";
        sent = length.StartsWith("Transfer", StringComparison.Ordinal) ? $"{sent.Length:x}\r\n{sent}\r\n" : sent;

        var held = await RawConnection.DeclareAsync(Service.Http.BaseAddress!, (Room / most) + 1, path, length);
        await Task.WhenAll(held.Select(connection => connection.SendAsync(sent)));
        var refused = await await Task.WhenAny(held.Select(static connection => connection.ReadAsync()));

        Assert.Equal((503, "1"), (refused?.Status, refused?["Retry-After"]));
        await Scrape.Until(Service.Http, static scrape => scrape["""integration_events_rejected_total{reason="overloaded"}"""] > 0);
        await Service.Post(Event, Made).HasStatus(HttpStatusCode.OK);
        RawConnection.End(held);
        await AllIsGivenBackAsync();
    }

    [Fact]
    public async Task Room_is_given_back_whatever_becomes_of_a_request()
    {
        var large = new string(' ', 100_000);
        (string Path, string Body, string[] Headers, HttpStatusCode Status)[] requests =
        [
            (Event, Made + large, [], HttpStatusCode.OK),
            (Event, large, [], HttpStatusCode.BadRequest),
            (Event, large, ["Idempotency-Key: no key"], HttpStatusCode.BadRequest),
            (Event, large, ["Content-Encoding: gzip"], HttpStatusCode.BadRequest),
            (Event, large, ["Content-Encoding: other"], HttpStatusCode.UnsupportedMediaType),
            (Batch, $"[{Made}]{large}", [], HttpStatusCode.OK),
            (Batch, $"[{{}}]{large}", [], HttpStatusCode.OK),
            (Batch, large, [], HttpStatusCode.BadRequest),
            ("/api/v1/endpoints", """{"name":"a","url":"https://example.com/"}""" + large[..50_000], [], HttpStatusCode.Created),
            ("/api/v1/endpoints", large, [], HttpStatusCode.RequestEntityTooLarge),
            ("/api/v1/filters/test", large, [], HttpStatusCode.BadRequest),
            ("/api/v1/replays", """{"of":"events","filter":{},"dry_run":true}""" + large[..50_000], [], HttpStatusCode.OK),
        ];

        foreach (var (path, body, headers, status) in requests)
        {
            Assert.Equal((path, status), (path, await Service.Status(HttpMethod.Post, path, body, headers)));
        }

        using (var cut = (await RawConnection.DeclareAsync(Service.Http.BaseAddress!, 1, Event, "Content-Length: 200000"))[0])
        {
            await cut.SendAsync(large);
        }

        await AllIsGivenBackAsync();
    }

    [Fact]
    public async Task Who_sends_slowly_is_answered_408_and_counted()
    {
        using var slow = (await RawConnection.DeclareAsync(Service.Http.BaseAddress!, 1, Event, "Content-Length: 100000"))[0];
        await slow.SendAsync(new string(' ', 5_000));

        await IsTooSlowAsync(slow);
        await Scrape.Until(Service.Http, static scrape => scrape["""integration_events_rejected_total{reason="too_slow"}"""] == 1);
        await AllIsGivenBackAsync();
    }

    [Fact]
    public void What_is_sent_ahead_of_being_read_is_bounded() =>
        Assert.Equal(64 << 10, Service.Services.GetRequiredService<IOptions<KestrelServerOptions>>().Value.Limits.MaxRequestBufferSize);

    [Theory]
    [InlineData("Content-Length: 16777216")]
    [InlineData("Transfer-Encoding: chunked")]
    [InlineData("Transfer-Encoding: chunked\r\nContent-Encoding: gzip")]
    public async Task Room_is_not_held_by_bodies_that_stall(string headers)
    {
        var larger = Made + new string(' ', 5_000);
        var held = await RawConnection.DeclareAsync(Service.Http.BaseAddress!, 2, Event, headers);
        var most = new byte[(16 << 20) - 1000];
        most.AsSpan().Fill((byte)' ');
        if (headers.Contains("gzip", StringComparison.Ordinal))
        {
            using var zipped = new MemoryStream();
            using var zip = new GZipStream(zipped, CompressionLevel.Fastest);
            zip.Write(most);
            zip.Flush();
            most = zipped.ToArray();
        }

        if (headers.StartsWith("Transfer", StringComparison.Ordinal))
        {
            most = [.. Encoding.ASCII.GetBytes($"{most.Length + 10:x}\r\n"), .. most];
        }

        await Task.WhenAll(held.Select(connection => connection.SendAsync(most)));
        await Waiting.Until(() => RoomIs(2 * 1000));
        await Service.Post(Event, larger).HasStatus(HttpStatusCode.ServiceUnavailable);
        Service.Clock.Advance(TimeSpan.FromSeconds(10));
        foreach (var connection in held)
        {
            using (connection)
            {
                await IsTooSlowAsync(connection);
            }
        }

        await Service.Post(Event, larger).HasStatus(HttpStatusCode.OK);
        await AllIsGivenBackAsync();
    }

    [Fact]
    public async Task A_body_that_goes_on_coming_is_waited_for()
    {
        var piece = new string(' ', 160 << 10);
        using var slow = (await RawConnection.DeclareAsync(Service.Http.BaseAddress!, 1, Event, $"Content-Length: {Made.Length + (3 * piece.Length)}"))[0];

        for (var pieces = 1; pieces <= 3; pieces++)
        {
            await slow.SendAsync(piece);
            await Waiting.Until(() => RoomIs(Room - (pieces * piece.Length)));
            Service.Clock.Advance(TimeSpan.FromSeconds(9));
        }

        await slow.SendAsync(Made);
        Assert.Equal(200, (await slow.ReadAsync())?.Status);
        await AllIsGivenBackAsync();
    }

    private static MiddlewareService Start()
    {
        var service = MiddlewareService.OnKestrel(("MAX_EVENT_BYTES", "16777216"), ("MAX_BODY_BYTES_IN_FLIGHT", $"{Room}"));
        _ = service.Http;
        return service;
    }

    private static async Task IsTooSlowAsync(RawConnection connection)
    {
        var refused = await connection.ReadAsync();
        Assert.Equal((408, "The body came too slowly."), (refused?.Status, (string?)JsonNode.Parse(refused!.Body)!["title"]));
        Assert.Null(await connection.ReadAsync());
    }

    private Task AllIsGivenBackAsync() => Waiting.Until(() => RoomIs(Room));

    private bool RoomIs(int bytes)
    {
        var budget = Service.Services.GetRequiredService<BodyBudget>();
        if (budget.TryTake(bytes + 1))
        {
            budget.GiveBack(bytes + 1);
            return false;
        }

        if (!budget.TryTake(bytes))
        {
            return false;
        }

        budget.GiveBack(bytes);
        return true;
    }
}
