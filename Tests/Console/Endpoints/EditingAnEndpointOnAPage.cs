using AspireIntegration.Client.Operating;
using AspireIntegration.Console.Endpoints;
using Bunit;

namespace Tests.Console.Endpoints;

/// <summary>The form of an endpoint.</summary>
public sealed class EditingAnEndpointOnAPage : IAsyncDisposable
{
    private readonly OperatedConsole _console = new();

    public ValueTask DisposeAsync() => _console.DisposeAsync();

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task Each_fault_stands_at_its_field_and_what_was_written_stays()
    {
        var page = await _console.OpenAsync<EndpointEditor>("/endpoints/new");

        await page.Submit(("url", "ftp://receiver.test/"), ("expression", "a ="));

        page.WaitForElement("#url-wrong");
        Assert.Contains("absolute http or https URL", page.Find("#url-wrong").TextContent, StringComparison.Ordinal);
        Assert.Contains("at character 3", page.Find("#expression-wrong").TextContent, StringComparison.Ordinal);
        Assert.NotEmpty(page.FindAll("#name-wrong"));
        Assert.Equal("ftp://receiver.test/", page.Find("#url").GetAttribute("value"));
    }

    [Theory(Timeout = Waiting.TestLimit)]
    [InlineData("timeout", "soon", "\"soon\" is no duration; expected one such as 500ms, 3s, 1m30s or 2d")]
    [InlineData("workers", "1.5", "\"1.5\" is no whole number; expected one such as 10")]
    [InlineData("retries", "99999999999", "\"99999999999\" is no whole number; expected one such as 10")]
    [InlineData("rate", "fast", "\"fast\" is no number; expected one such as 10 or 0.5")]
    public async Task A_number_or_duration_that_is_none_is_named_and_nothing_is_saved(string field, string text, string fault)
    {
        var page = await _console.OpenAsync<EndpointEditor>("/endpoints/new");

        await page.Submit(("name", "pager"), ("url", "https://receiver.test/"), (field, text));

        Assert.Equal(fault, page.WaitForElement($"#{field}-wrong").TextContent);
        Assert.DoesNotContain((await _console.Admin.Endpoints.ListAsync(cancellationToken: Waiting.Cancellation)).Items, static endpoint => endpoint.Name == "pager");
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task Two_presses_make_one_endpoint()
    {
        var page = await _console.OpenAsync<EndpointEditor>("/endpoints/new");
        await page.Write(("name", "pager"), ("url", "https://receiver.test/"));

        await _console.SubmitTwiceAsync(page);

        page.WaitForElement(".bar.done code");
        Assert.Single((await _console.Admin.Endpoints.ListAsync(cancellationToken: Waiting.Cancellation)).Items, static endpoint => endpoint.Name == "pager");
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task A_new_endpoint_shows_its_secret_once()
    {
        var page = await _console.OpenAsync<EndpointEditor>("/endpoints/new");

        await page.Submit(("name", "pager"), ("url", "https://receiver.test/"), ("types", "paid, sold.*"));

        Assert.StartsWith("whsec_", page.WaitForElement(".bar.done code").TextContent, StringComparison.Ordinal);
        var made = (await _console.Admin.Endpoints.ListAsync(cancellationToken: Waiting.Cancellation)).Items.Single(static endpoint => endpoint.Name == "pager");
        Assert.Equal(["paid", "sold.*"], made.Filter.EventTypes);
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task A_change_leaves_what_is_not_on_the_form_or_not_changed_and_a_newer_version_is_not_overwritten()
    {
        var made = await _console.Admin.Endpoints.CreateAsync(
            new() { Name = "pager", Url = "https://receiver.test/", Format = DeliveryFormat.Cloudevents, Shards = 2, Workers = 4, MaxRetries = 4 }, Waiting.Cancellation);
        var page = await _console.OpenAsync<EndpointEditor>("/endpoints/new");
        page.Render(parameters => parameters.Add(static editor => editor.Id, made.Id));
        page.WaitForState(() => page.Find("#name").GetAttribute("value") == "pager");
        await page.Submit(("workers", "7"));
        await Waiting.Until(() => _console.Navigation.Uri.EndsWith($"/endpoints/{made.Id}", StringComparison.Ordinal));

        var changed = await _console.Admin.Endpoints.GetAsync(made.Id, Waiting.Cancellation);
        Assert.Equal((7, DeliveryFormat.Cloudevents, 2), (changed.Workers, changed.Format, changed.Shards));
        Assert.Equal((made.Name, made.Url, 4), (changed.Name, changed.Url, changed.MaxRetries));

        // The form has the version from before.
        await page.Submit(("workers", "8"));

        page.Sees("Somebody changed it meanwhile.");
        Assert.Equal(7, (await _console.Admin.Endpoints.GetAsync(made.Id, Waiting.Cancellation)).Workers);
    }
}
