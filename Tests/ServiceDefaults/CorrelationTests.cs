using CsCheck;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using ServiceDefaults;

namespace Tests.ServiceDefaults;

public class CorrelationTests
{
    [Theory]
    [InlineData("a")]
    [InlineData("0123456789abcdef0123456789abcdef")]
    [InlineData("Order-1.2_3")]
    [InlineData("...")]
    public async Task A_valid_id_is_kept(string given)
    {
        await using var host = await Start();

        Assert.Equal(given, await IdOf(host, "/", given));
    }

    [Theory]
    [InlineData("")]
    [InlineData("two words")]
    [InlineData("a/b")]
    [InlineData("a,b")]
    [InlineData("ž")]
    [InlineData("{\"json\":1}")]
    [InlineData("one", "two")]
    public async Task Any_other_is_replaced(params string[] given)
    {
        await using var host = await Start();

        Assert.Matches("^[0-9a-f]{32}$", await IdOf(host, "/", given));
    }

    [Fact]
    public async Task An_id_has_at_most_128_characters()
    {
        await using var host = await Start();

        Assert.Equal(new string('x', 128), await IdOf(host, "/", new string('x', 128)));
        Assert.Matches("^[0-9a-f]{32}$", await IdOf(host, "/", new string('x', 129)));
    }

    [Fact]
    public async Task Each_request_without_one_gets_its_own()
    {
        await using var host = await Start();

        Assert.NotEqual(await IdOf(host, "/"), await IdOf(host, "/"));
    }

    [Theory]
    [InlineData("/", HttpStatusCode.OK)]
    [InlineData("/health", HttpStatusCode.OK)]
    [InlineData("/nowhere", HttpStatusCode.NotFound)]
    [InlineData("/bad", HttpStatusCode.BadRequest)]
    [InlineData("/throws", HttpStatusCode.InternalServerError)]
    [InlineData("/throws-bad", HttpStatusCode.RequestEntityTooLarge)]
    public async Task It_is_on_every_answer(string path, HttpStatusCode status)
    {
        await using var host = await Start();

        Assert.Equal("c-1", await IdOf(host, path, status, "c-1"));
    }

    [Fact]
    public void Only_harmless_characters_are_valid() => Gen.String.Sample(text =>
        Correlation.IsValid(text) == (text.Length is >= 1 and <= 128 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-')));

    private static Task<DefaultsHost> Start() => DefaultsHost.Start(app =>
    {
        app.MapGet("/", () => "here");
        app.MapGet("/bad", () => TypedResults.ValidationProblem(new Dictionary<string, string[]> { ["field"] = ["is wrong"] }));
        app.MapGet("/throws", string () => throw new InvalidOperationException("it broke"));
        app.MapGet("/throws-bad", string () => throw new BadHttpRequestException("too large", 413));
    });

    private static Task<string> IdOf(DefaultsHost host, string path, params string[] given) => IdOf(host, path, HttpStatusCode.OK, given);

    private static async Task<string> IdOf(DefaultsHost host, string path, HttpStatusCode status, params string[] given)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation(Correlation.Header, given);
        using var answer = await host.Http.SendAsync(request, Waiting.Cancellation).WithStatus(status);
        return Assert.Single(answer.Headers.GetValues(Correlation.Header));
    }
}
