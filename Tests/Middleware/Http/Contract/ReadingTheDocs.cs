using System.Text.RegularExpressions;

namespace Tests.Middleware.Http.Contract;

public sealed class ReadingTheDocs : OnAService
{
    [Fact]
    public async Task The_page_asks_nobody_but_the_service_for_anything()
    {
        using var page = await Service.Http.GetAsync("/docs", Waiting.Cancellation);
        var html = await page.Content.ReadAsStringAsync(Waiting.Cancellation);

        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        Assert.DoesNotContain("//", html, StringComparison.Ordinal);
        Assert.Contains("\"withDefaultFonts\":false", html, StringComparison.Ordinal);
        Assert.Contains("\"telemetry\":false", html, StringComparison.Ordinal);
        Assert.Contains("\"agent\":{\"disabled\":true}", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_page_has_its_script_and_its_document_from_the_service()
    {
        using var page = await Service.Http.GetAsync("/docs", Waiting.Cancellation);
        var html = await page.Content.ReadAsStringAsync(Waiting.Cancellation);

        var scripts = Regex.Matches(html, "src=\"([^\"]+)\"").Select(static script => script.Groups[1].Value).ToList();
        Assert.NotEmpty(scripts);
        foreach (var script in scripts)
        {
            using var answer = await Service.Http.GetAsync(new Uri(page.RequestMessage!.RequestUri!, script), Waiting.Cancellation).WithStatus(HttpStatusCode.OK);
            Assert.Contains("javascript", answer.Content.Headers.ContentType!.MediaType!, StringComparison.Ordinal);
        }

        Assert.Contains("\"url\":\"openapi/v1.json\"", html, StringComparison.Ordinal);
    }
}
