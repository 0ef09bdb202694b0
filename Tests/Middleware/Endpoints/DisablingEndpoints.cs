using System.Net;
using System.Text.Json.Nodes;
using Middleware.Endpoints;

namespace Tests.Middleware.Endpoints;

[Trait("Store", "Any")]
public sealed class DisablingEndpoints : IAsyncDisposable
{
    private readonly MiddlewareService _stage = MiddlewareService.WithoutEndpoint(("AUTO_DISABLE_AFTER", "2m"));

    public ValueTask DisposeAsync() => _stage.DisposeAsync();

    [Fact]
    public async Task An_endpoint_that_answers_410_is_disabled_and_what_waits_is_kept_for_it_over_a_restart()
    {
        var id = await Create();
        _stage.Receiver.StatusAt[id] = 410;
        var refused = await _stage.Accept();
        await _stage.UntilStatus(refused, id, "dead_letter");
        await UntilReason(id, "gone");

        var waiting = await _stage.Accept();
        await _stage.Restart();

        Assert.Equal((false, "gone"), await Look(id));
        Assert.Equal("pending", await _stage.StatusOf(waiting, id));
        Assert.Empty(_stage.Receiver.Sent);
        await _stage.Ask(HttpMethod.Post, $"{ServiceRequests.Endpoints}/{id}/enable", HttpStatusCode.OK);
        await _stage.UntilStatus(waiting, id, "delivered");
        Assert.Equal((true, null), await Look(id));
        Assert.Equal("dead_letter", await _stage.StatusOf(refused, id));
    }

    [Fact]
    public async Task The_built_in_endpoint_keeps_its_deliveries_without_a_URL_gets_no_more_and_can_be_deleted()
    {
        _stage.Settings = [("EXTERNAL_ENDPOINT_URL", "http://receiver.test/")];
        await _stage.Ask(HttpMethod.Post, $"{ServiceRequests.Endpoints}/default/disable", HttpStatusCode.OK);
        var waiting = await _stage.Accept();

        _stage.Settings = [("EXTERNAL_ENDPOINT_URL", "")];
        await _stage.Restart();
        var later = await _stage.Accept();
        Assert.Equal((false, "operator"), await Look("default"));
        Assert.Equal("pending", await _stage.StatusOf(waiting, "default"));
        Assert.Null(await _stage.StatusOf(later, "default"));

        Assert.Equal(HttpStatusCode.NoContent, await _stage.Status(HttpMethod.Delete, $"{ServiceRequests.Endpoints}/default?waiting=dead-letter", null, "If-Match: *"));
        _stage.Clock.Advance(ClearDeleted.Interval);
        await _stage.UntilStatus(waiting, "default", "dead_letter");
    }

    [Fact]
    public async Task The_built_in_endpoint_that_answered_410_stays_disabled_without_a_URL_and_delivers_all_once_it_has_one_and_is_enabled()
    {
        _stage.Settings = [("EXTERNAL_ENDPOINT_URL", "http://receiver.test/")];
        _stage.Receiver.Status = 410;
        await _stage.Accept();
        await UntilReason("default", "gone");
        var waiting = await _stage.Accept();
        _stage.Settings = [("EXTERNAL_ENDPOINT_URL", "")];
        await _stage.Restart();
        Assert.Equal((false, "gone"), await Look("default"));

        _stage.Settings = [("EXTERNAL_ENDPOINT_URL", "http://receiver.test/")];
        _stage.Receiver.Status = 200;
        await _stage.Restart();
        Assert.Equal((false, "gone"), await Look("default"));
        await _stage.Ask(HttpMethod.Post, $"{ServiceRequests.Endpoints}/default/enable", HttpStatusCode.OK);
        await _stage.UntilStatus(waiting, "default", "delivered");
        await _stage.UntilStatus(await _stage.Accept(), "default", "delivered");
    }

    [Fact]
    public async Task An_endpoint_is_disabled_that_fails_for_too_long_without_one_success()
    {
        var id = await Create();
        await Fail(id);
        _stage.Clock.Advance(TimeSpan.FromSeconds(119));
        await Fail(id);
        Assert.Equal((true, null), await Look(id));

        _stage.Clock.Advance(TimeSpan.FromSeconds(1));
        await Fail(id);

        await UntilReason(id, "failing");
    }

    [Fact]
    public async Task How_long_it_failed_is_known_after_a_restart()
    {
        var id = await Create();
        await Fail(id);
        await _stage.Restart();
        _stage.Clock.Advance(TimeSpan.FromMinutes(2));

        await Fail(id);

        await UntilReason(id, "failing");
    }

    [Theory]
    [InlineData("success")]
    [InlineData("change")]
    [InlineData("restart after success")]
    public async Task A_success_or_a_change_lets_the_time_begin_anew(string what)
    {
        var id = await Create();
        await Fail(id);
        if (what == "change")
        {
            await _stage.Ask(HttpMethod.Post, $"{ServiceRequests.Endpoints}/{id}/enable", HttpStatusCode.OK);
        }
        else
        {
            _stage.Receiver.StatusAt[id] = 200;
            await _stage.UntilStatus(await _stage.Accept(), id, "delivered");
        }

        if (what == "restart after success")
        {
            await _stage.Restart();
        }

        _stage.Clock.Advance(TimeSpan.FromMinutes(2));
        await Fail(id);
        Assert.Equal((true, null), await Look(id));

        _stage.Clock.Advance(TimeSpan.FromMinutes(2));
        await Fail(id);
        await UntilReason(id, "failing");
    }

    [Fact]
    public async Task A_whole_batch_that_is_answered_410_disables_the_endpoint()
    {
        var id = await Create(""","batch":{"max_size":3,"max_wait":"1m"}""");
        _stage.Receiver.StatusAt[id] = 410;

        await _stage.Accept(3);

        await UntilReason(id, "gone");
        Assert.Single(_stage.Receiver.Batches);
    }

    private async Task<string> Create(string more = "") =>
        (string)(await _stage.Create($$"""{"name":"one","url":"https://one.example/","redelivery_schedule":[]{{more}}}"""))["id"]!;

    private async Task Fail(string id)
    {
        _stage.Receiver.StatusAt[id] = 503;
        await _stage.UntilStatus(await _stage.Accept(), id, "dead_letter");
    }

    private async Task UntilReason(string id, string reason)
    {
        while ((await Look(id)).Reason != reason)
        {
            Waiting.Cancellation.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    private async Task<(bool Enabled, string? Reason)> Look(string id)
    {
        JsonNode item = await _stage.Ask(HttpMethod.Get, $"{ServiceRequests.Endpoints}/{id}", HttpStatusCode.OK);
        return ((bool)item["enabled"]!, (string?)item["disabled_reason"]);
    }
}
