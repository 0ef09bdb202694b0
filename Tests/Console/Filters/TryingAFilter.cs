using AspireIntegration.Console.Filters;
using Bunit;
using Tests.Middleware;
using Tests.Middleware.Callers;

namespace Tests.Console.Filters;

/// <summary>The page on which a filter is written, tried on an event and saved to an endpoint.</summary>
public sealed class TryingAFilter
{
    [Fact(Timeout = Waiting.TestLimit)]
    public async Task The_parts_that_hold_are_shown_and_the_filter_is_in_the_address()
    {
        await using var service = MiddlewareService.InMemory();
        await using var console = await OpenConsole.Of(service);
        var page = console.Open<FilterEditor>("/filters");

        await WriteAsync(page, "types", "server_*, disk_full");
        await WriteAsync(page, "sources", "shop");
        await WriteAsync(page, "expression", "region = 'eu-west'");
        await page.Find("form").SubmitAsync();

        page.Sees("The event does not match. Event types holds Sources does not hold Lowest priority holds Expression holds");
        Assert.Equal("/filters?types=server_%2A%2C%20disk_full&sources=shop&expression=region%20%3D%20%27eu-west%27", console.Address);
        await WriteAsync(page, "sources", "");
        Assert.Empty(page.FindAll(".bar"));
        await page.Find("form").SubmitAsync();
        page.Sees("The event matches.");
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task An_address_fills_the_form()
    {
        await using var service = MiddlewareService.InMemory();
        var id = await service.Accept(source: "shop", message: "of the event");
        await using var console = await OpenConsole.Of(service);

        var page = console.Open<FilterEditor>($"/filters?types=a&priority=high&expression=TRUE&event={id}");

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
        await using var service = MiddlewareService.InMemory();
        await using var console = await OpenConsole.Of(service);
        var page = console.Open<FilterEditor>("/filters");

        await WriteAsync(page, "expression", expression);
        await page.Find("form").SubmitAsync();

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
        await using var service = MiddlewareService.InMemory();
        await using var console = await OpenConsole.Of(service);
        var page = console.Open<FilterEditor>("/filters");

        await WriteAsync(page, "sample", sample);
        await page.Find("form").SubmitAsync();

        page.Sees(fault);
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task The_newest_event_is_taken_as_the_sample()
    {
        await using var service = MiddlewareService.InMemory();
        await using var console = await OpenConsole.Of(service);
        var page = console.Open<FilterEditor>("/filters");
        await page.Press("Take the newest event");
        page.Sees("There is no event yet. Keep the sample, or write one.");
        await service.Accept(source: "older");
        await service.Accept(source: "newest", metadata: """{"zone":7}""");

        await page.Press("Take the newest event");
        page.WaitForState(() => page.Find("#sample").GetAttribute("value")!.Contains("newest", StringComparison.Ordinal));
        await WriteAsync(page, "expression", "source = 'newest'");
        await page.Find("form").SubmitAsync();

        page.Sees("The event matches.");
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task A_filter_is_saved_after_its_changes_were_shown()
    {
        await using var service = MiddlewareService.WithoutEndpoint();
        var endpoint = (string)(await service.Create("""{"name":"pager","url":"http://receiver.test/a","filter":{"event_types":["old"],"min_priority":"low"}}"""))["id"]!;
        await using var console = await OpenConsole.Of(service);
        var page = console.Open<FilterEditor>($"/filters?expression=TRUE");
        page.WaitForState(() => page.FindAll("#endpoint option").Count == 2);
        await page.Find("#endpoint").ChangeAsync(new() { Value = endpoint });
        Assert.Equal($"/filters?expression=TRUE&endpoint={endpoint}", console.Address);

        await page.Press("Take its filter");
        Assert.Equal(("old", "low", ""), (page.Find("#types").GetAttribute("value"), page.Find("#least").GetAttribute("value"), page.Find("#expression").GetAttribute("value")));
        await page.Press("Save …");
        page.Sees("The endpoint has this filter already.");
        await WriteAsync(page, "types", "new, newer");
        await WriteAsync(page, "least", "");
        await page.Press("Save …");
        page.Sees("Event types old new, newer Lowest priority low any");
        Assert.Equal("old", (string?)(await service.Get($"/api/v1/endpoints/{endpoint}"))["filter"]!["event_types"]![0]);
        await page.Press("Save to pager");

        page.Sees("The filter of pager is saved: Event types was old, is new, newer; Lowest priority was low, is any.");
        Assert.Equal("""{"event_types":["new","newer"],"sources":[],"min_priority":null,"expression":null}""", (await service.Get($"/api/v1/endpoints/{endpoint}"))["filter"]!.ToJsonString());
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task A_change_of_others_between_the_comparison_and_the_save_is_not_lost()
    {
        await using var service = MiddlewareService.WithoutEndpoint();
        var endpoint = (string)(await service.Create("""{"name":"pager","url":"http://receiver.test/a"}"""))["id"]!;
        await using var console = await OpenConsole.Of(service);
        var page = console.Open<FilterEditor>($"/filters?types=mine&endpoint={endpoint}");
        await page.Press("Save …");
        await service.Patch($"/api/v1/endpoints/{endpoint}", System.Net.HttpStatusCode.OK, """{"filter":{"event_types":["theirs"]}}""");

        await page.Press("Save to pager");

        page.Sees("Somebody changed it meanwhile.");
        Assert.Equal("theirs", (string?)(await service.Get($"/api/v1/endpoints/{endpoint}"))["filter"]!["event_types"]![0]);
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task A_filter_that_changes_after_the_comparison_is_compared_again()
    {
        await using var service = MiddlewareService.WithoutEndpoint();
        var endpoint = (string)(await service.Create("""{"name":"pager","url":"http://receiver.test/a"}"""))["id"]!;
        await using var console = await OpenConsole.Of(service);
        var page = console.Open<FilterEditor>($"/filters?types=mine&endpoint={endpoint}");
        await page.Press("Save …");
        page.Sees("Event types any mine");

        await WriteAsync(page, "types", "other");

        page.WaitForState(() => page.Button("Save to pager") is null);
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task Scopes_decide_what_is_offered()
    {
        await using var keyed = new KeyedService();
        await using var console = await OpenConsole.Of(keyed, "operate");
        var page = console.Open<FilterEditor>("/filters");

        await page.Find("form").SubmitAsync();

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

    private static Task WriteAsync(IRenderedComponent<FilterEditor> page, string field, string text) => page.Find($"#{field}").ChangeAsync(new() { Value = text });
}
