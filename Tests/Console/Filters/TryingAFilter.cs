using AspireIntegration.Console.Filters;
using Bunit;
using Tests.Middleware;
using Tests.Middleware.Callers;

namespace Tests.Console.Filters;

/// <summary>The page on which a filter is written, tried on an event and saved to an endpoint.</summary>
public sealed class TryingAFilter : IAsyncDisposable
{
    private readonly MiddlewareService _service = MiddlewareService.WithoutEndpoint(("ConnectionStrings:events", "memory"));
    private OpenConsole? _console;

    public async ValueTask DisposeAsync()
    {
        await (_console?.DisposeAsync() ?? default);
        await _service.DisposeAsync();
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task The_parts_that_hold_are_shown_and_the_filter_is_in_the_address()
    {
        var page = await OpenAsync();

        await page.Submit(("types", "server_*, disk_full"), ("sources", "shop"), ("expression", "region = 'eu-west'"));

        page.Sees("The event does not match. Event types holds Sources does not hold Lowest priority holds Expression holds");
        Assert.Equal("/filters?types=server_%2A%2C%20disk_full&sources=shop&expression=region%20%3D%20%27eu-west%27", _console!.Address);
        await page.Write(("sources", ""));
        Assert.Empty(page.FindAll(".bar"));
        await page.Submit();
        page.Sees("The event matches.");
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task An_address_fills_the_form()
    {
        var id = await _service.Accept(source: "shop", message: "of the event");

        var page = await OpenAsync($"/filters?types=a&priority=high&expression=TRUE&event={id}");

        page.WaitForState(() => page.Find("#sample").GetAttribute("value")!.Contains("of the event", StringComparison.Ordinal));
        Assert.DoesNotContain("event_id", page.Find("#sample").GetAttribute("value"), StringComparison.Ordinal);
        Assert.Equal(("a", "high", "TRUE"), (page.Find("#types").GetAttribute("value"), page.Find("#least").GetAttribute("value"), page.Find("#expression").GetAttribute("value")));
    }

    [Theory(Timeout = Waiting.TestLimit)]
    [InlineData("region = = 1", "At character 9: expected a value, found =", "=")]
    [InlineData("TRUE AND", "At character 8: expected a value, but the expression ends", "⌷")]
    [InlineData("1 = 1 AND zone = 2", "At character 10: the event has no attribute zone", "z")]
    public async Task The_place_of_a_fault_is_marked(string expression, string fault, string mark)
    {
        var page = await OpenAsync();

        await page.Submit(("expression", expression));

        page.Sees(fault);
        Assert.Equal(mark, page.Find("mark").TextContent);
    }

    [Theory(Timeout = Waiting.TestLimit)]
    [InlineData("{", "The sample is not JSON:")]
    [InlineData("[]", "The sample must be a JSON object.")]
    [InlineData("{\"source\":1}", "\"source\" must be a string.")]
    [InlineData("{\"metadata\":[]}", "\"metadata\" must be a JSON object.")]
    [InlineData("{\"expires_in\":\"soon\"}", "\"expires_in\" must be a duration such as 3s, 500ms or 1m30s.")]
    [InlineData("{\"source\":\"a\",\"source\":\"b\"}", "The sample has a name twice, or a text that is none.")]
    [InlineData("{\"source\":\"a\"}", "event.message must not be blank")]
    public async Task A_sample_that_is_no_event_is_named(string sample, string fault)
    {
        var page = await OpenAsync();

        await page.Submit(("sample", sample));

        page.Sees(fault);
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task The_newest_event_is_taken_as_the_sample()
    {
        var page = await OpenAsync();
        await page.Press("Take the newest event");
        page.Sees("There is no event yet. Keep the sample, or write one.");
        await _service.Accept(source: "older");
        await _service.Accept(source: "newest", metadata: """{"zone":7}""");

        await page.Press("Take the newest event");
        page.WaitForState(() => page.Find("#sample").GetAttribute("value")!.Contains("newest", StringComparison.Ordinal));
        await page.Submit(("expression", "source = 'newest'"));

        page.Sees("The event matches.");
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task A_filter_is_saved_after_its_changes_were_shown()
    {
        var endpoint = (string)(await _service.Create("""{"name":"pager","url":"http://receiver.test/a","filter":{"event_types":["old"],"min_priority":"low"}}"""))["id"]!;
        var page = await OpenAsync($"/filters?expression=TRUE");
        page.WaitForState(() => page.FindAll("#endpoint option").Count == 2);
        await page.Write(("endpoint", endpoint));
        Assert.Equal($"/filters?expression=TRUE&endpoint={endpoint}", _console!.Address);

        await page.Press("Take its filter");
        Assert.Equal(("old", "low", ""), (page.Find("#types").GetAttribute("value"), page.Find("#least").GetAttribute("value"), page.Find("#expression").GetAttribute("value")));
        await page.Press("Save …");
        page.Sees("The endpoint has this filter already.");
        await page.Write(("types", "new, newer"), ("least", ""));
        await page.Press("Save …");
        page.Sees("Event types old new, newer Lowest priority low any");
        Assert.Equal("old", (string?)(await _service.Get($"/api/v1/endpoints/{endpoint}"))["filter"]!["event_types"]![0]);
        await page.Press("Save to pager");

        page.Sees("The filter of pager is saved: Event types was old, is new, newer; Lowest priority was low, is any.");
        Assert.Equal("""{"event_types":["new","newer"],"sources":[],"min_priority":null,"expression":null}""", (await _service.Get($"/api/v1/endpoints/{endpoint}"))["filter"]!.ToJsonString());
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task A_change_of_others_between_the_comparison_and_the_save_is_not_lost()
    {
        var endpoint = (string)(await _service.Create("""{"name":"pager","url":"http://receiver.test/a"}"""))["id"]!;
        var page = await OpenAsync($"/filters?types=mine&endpoint={endpoint}");
        await page.Press("Save …");
        await _service.Patch($"/api/v1/endpoints/{endpoint}", HttpStatusCode.OK, """{"filter":{"event_types":["theirs"]}}""");

        await page.Press("Save to pager");

        page.Sees("Somebody changed it meanwhile.");
        Assert.Equal("theirs", (string?)(await _service.Get($"/api/v1/endpoints/{endpoint}"))["filter"]!["event_types"]![0]);
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task A_filter_that_changes_after_the_comparison_is_compared_again()
    {
        var endpoint = (string)(await _service.Create("""{"name":"pager","url":"http://receiver.test/a"}"""))["id"]!;
        var page = await OpenAsync($"/filters?types=mine&endpoint={endpoint}");
        await page.Press("Save …");
        page.Sees("Event types any mine");

        await page.Write(("types", "other"));

        page.WaitForState(() => page.Button("Save to pager") is null);
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task Scopes_decide_what_is_offered()
    {
        await using var keyed = new KeyedService();
        await using var console = await OpenConsole.Of(keyed, "operate");
        var page = console.Open<FilterEditor>("/filters");

        await page.Submit();

        page.Sees("The event matches.");
        Assert.Null(page.Button("Take the newest event"));
        Assert.Empty(page.FindAll("#endpoint"));
    }

    [Fact]
    public void A_fault_in_the_middle_of_a_pair_or_beyond_the_end_is_marked_all_the_same()
    {
        Assert.Equal(("a", "😀", "b"), Parts(ExpressionFault.Of("a😀b", new() { Position = 1 }, null)!));
        Assert.Equal(("ab", "⌷", ""), Parts(ExpressionFault.Of("ab", new() { Position = 9 }, null)!));
        Assert.Null(ExpressionFault.Of("ab", null, new("other")));

        static (string, string, string) Parts(ExpressionFault fault) => (fault.Before, fault.At, fault.After);
    }

    private async Task<IRenderedComponent<FilterEditor>> OpenAsync(string address = "/filters")
    {
        _console ??= await OpenConsole.Of(_service);
        return _console.Open<FilterEditor>(address);
    }
}
