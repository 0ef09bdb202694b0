using Middleware.Endpoints;

namespace Tests.Middleware.Endpoints;

[Trait("Store", "Any")]
public sealed class DisablingEndpoints() : OnAService(MiddlewareService.WithoutEndpoint(("AUTO_DISABLE_AFTER", "2m")))
{
    [Fact]
    public async Task An_endpoint_that_answers_410_is_disabled_and_what_waits_is_kept_for_it_over_a_restart()
    {
        var id = await Create();
        Service.Receiver.StatusAt[id] = 410;
        var refused = await Service.Accept();
        await Service.UntilStatus(refused, id, "dead_letter");
        await UntilReason(id, "gone");

        var waiting = await Service.Accept();
        await Service.Restart();

        Assert.Equal((false, "gone"), await Service.StateOf(id));
        Assert.Equal("pending", await Service.StatusOf(waiting, id));
        Assert.Empty(Service.Receiver.Sent);
        await Service.Ask(HttpMethod.Post, $"{ServiceRequests.Endpoints}/{id}/enable", HttpStatusCode.OK);
        await Service.UntilStatus(waiting, id, "delivered");
        Assert.Equal((true, null), await Service.StateOf(id));
        Assert.Equal("dead_letter", await Service.StatusOf(refused, id));
    }

    [Fact]
    public async Task The_built_in_endpoint_keeps_its_deliveries_without_a_URL_gets_no_more_and_can_be_deleted()
    {
        Service.Settings = [("EXTERNAL_ENDPOINT_URL", "http://receiver.test/")];
        await Service.Ask(HttpMethod.Post, $"{ServiceRequests.Endpoints}/default/disable", HttpStatusCode.OK);
        var waiting = await Service.Accept();

        await Service.RestartWith(("EXTERNAL_ENDPOINT_URL", ""));
        var later = await Service.Accept();
        Assert.Equal((false, "operator"), await Service.StateOf("default"));
        Assert.Equal("pending", await Service.StatusOf(waiting, "default"));
        Assert.Null(await Service.StatusOf(later, "default"));

        Assert.Equal(HttpStatusCode.NoContent, await Service.Status(HttpMethod.Delete, $"{ServiceRequests.Endpoints}/default?waiting=dead-letter", null, "If-Match: *"));
        Service.Clock.Advance(ClearDeleted.Interval);
        await Service.UntilStatus(waiting, "default", "dead_letter");
    }

    [Fact]
    public async Task The_built_in_endpoint_that_answered_410_stays_disabled_without_a_URL_and_delivers_all_once_it_has_one_and_is_enabled()
    {
        Service.Settings = [("EXTERNAL_ENDPOINT_URL", "http://receiver.test/")];
        Service.Receiver.Status = 410;
        await Service.Accept();
        await UntilReason("default", "gone");
        var waiting = await Service.Accept();
        await Service.RestartWith(("EXTERNAL_ENDPOINT_URL", ""));
        Assert.Equal((false, "gone"), await Service.StateOf("default"));

        Service.Settings = [("EXTERNAL_ENDPOINT_URL", "http://receiver.test/")];
        Service.Receiver.Status = 200;
        await Service.Restart();
        Assert.Equal((false, "gone"), await Service.StateOf("default"));
        await Service.Ask(HttpMethod.Post, $"{ServiceRequests.Endpoints}/default/enable", HttpStatusCode.OK);
        await Service.UntilStatus(waiting, "default", "delivered");
        await Service.UntilStatus(await Service.Accept(), "default", "delivered");
    }

    [Fact]
    public async Task An_endpoint_is_disabled_that_fails_for_too_long_without_one_success()
    {
        var id = await Create();
        await Fail(id);
        Service.Clock.Advance(TimeSpan.FromSeconds(119));
        await Fail(id);
        Assert.Equal((true, null), await Service.StateOf(id));

        Service.Clock.Advance(TimeSpan.FromSeconds(1));
        await Fail(id);

        await UntilReason(id, "failing");
    }

    [Fact]
    public async Task How_long_it_failed_is_known_after_a_restart()
    {
        var id = await Create();
        await Fail(id);
        await Service.Restart();
        Service.Clock.Advance(TimeSpan.FromMinutes(2));

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
            await Service.Ask(HttpMethod.Post, $"{ServiceRequests.Endpoints}/{id}/enable", HttpStatusCode.OK);
        }
        else
        {
            Service.Receiver.StatusAt[id] = 200;
            await Service.UntilStatus(await Service.Accept(), id, "delivered");
        }

        if (what == "restart after success")
        {
            await Service.Restart();
        }

        Service.Clock.Advance(TimeSpan.FromMinutes(2));
        await Fail(id);
        Assert.Equal((true, null), await Service.StateOf(id));

        Service.Clock.Advance(TimeSpan.FromMinutes(2));
        await Fail(id);
        await UntilReason(id, "failing");
    }

    [Fact]
    public async Task A_whole_batch_that_is_answered_410_disables_the_endpoint()
    {
        var id = await Create(""","batch":{"max_size":3,"max_wait":"1m"}""");
        Service.Receiver.StatusAt[id] = 410;

        await Service.Accept(3);

        await UntilReason(id, "gone");
        Assert.Single(Service.Receiver.Batches);
    }

    private async Task<string> Create(string more = "") =>
        (string)(await Service.Create($$"""{"name":"one","url":"https://one.example/","redelivery_schedule":[]{{more}}}"""))["id"]!;

    private async Task Fail(string id)
    {
        Service.Receiver.StatusAt[id] = 503;
        await Service.UntilStatus(await Service.Accept(), id, "dead_letter");
    }

    private async Task UntilReason(string id, string reason)
    {
        while ((await Service.StateOf(id)).Reason != reason)
        {
            Waiting.Cancellation.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}
