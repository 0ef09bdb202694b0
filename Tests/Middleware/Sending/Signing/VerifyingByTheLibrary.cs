using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Middleware.Endpoints;

namespace Tests.Middleware.Sending.Signing;

public class VerifyingByTheLibrary
{
    private const string Body = """{"message":"žluť 😀","metadata":{"a":1}}""";

    // The library looks at the machine's clock.
    private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();

    private readonly WebhookSecret _old = WebhookSecret.Generate(RandomNumberGenerator.GetBytes);
    private readonly WebhookSecret _new = WebhookSecret.Generate(RandomNumberGenerator.GetBytes);

    [Fact]
    public async Task What_we_sign_is_accepted()
    {
        await using var receiver = await LibraryReceiver.StartAsync(_old.Reveal());

        Assert.Equal((HttpStatusCode.NoContent, ""), await Post(receiver, Body, Header(new SigningSecrets(_old), Now)));
    }

    [Fact]
    public async Task What_was_changed_on_its_way_is_refused()
    {
        await using var receiver = await LibraryReceiver.StartAsync(_old.Reveal());
        var header = Header(new SigningSecrets(_old), Now);

        Assert.Equal((HttpStatusCode.Unauthorized, "No matching signature found"), await Post(receiver, Body.Replace("1", "2", StringComparison.Ordinal), header));
        Assert.Equal((HttpStatusCode.Unauthorized, "No matching signature found"), await Post(receiver, Body, header, id: "another"));
    }

    [Theory]
    [InlineData(-1, HttpStatusCode.NoContent, HttpStatusCode.Unauthorized)]
    [InlineData(0, HttpStatusCode.NoContent, HttpStatusCode.NoContent)]
    [InlineData(23, HttpStatusCode.NoContent, HttpStatusCode.NoContent)]
    [InlineData(24, HttpStatusCode.Unauthorized, HttpStatusCode.NoContent)]
    public async Task For_24_hours_after_a_change_receivers_with_either_secret_accept(int hoursAfter, HttpStatusCode atOld, HttpStatusCode atNew)
    {
        await using var withOld = await LibraryReceiver.StartAsync(_old.Reveal());
        await using var withNew = await LibraryReceiver.StartAsync(_new.Reveal());
        var before = new SigningSecrets(_old);
        var header = Header(hoursAfter < 0 ? before : before.Rotate(_new, Now), Now + TimeSpan.FromHours(hoursAfter));

        Assert.Equal(atOld, (await Post(withOld, Body, header)).Status);
        Assert.Equal(atNew, (await Post(withNew, Body, header)).Status);
    }

    private static string Header(SigningSecrets secrets, DateTimeOffset now) =>
        secrets.SignatureHeader("msg_1", Now.ToUnixTimeSeconds(), Encoding.UTF8.GetBytes(Body), now);

    private static async Task<(HttpStatusCode Status, string Said)> Post(LibraryReceiver receiver, string body, string signature, string id = "msg_1")
    {
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, receiver.Url) { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.Add("webhook-id", id);
        request.Headers.Add("webhook-timestamp", Now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture));
        request.Headers.Add("webhook-signature", signature);

        using var response = await client.SendAsync(request, Waiting.Cancellation).InTime();
        return (response.StatusCode, await response.Content.ReadAsStringAsync(Waiting.Cancellation));
    }
}
