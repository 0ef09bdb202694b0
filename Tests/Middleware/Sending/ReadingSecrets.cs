using System.Globalization;
using System.Text;
using Middleware.Endpoints;
using Middleware.Events;

namespace Tests.Middleware.Sending;

/// <summary>Secrets that are references, read when an attempt is made.</summary>
public sealed class ReadingSecrets : InAFolder
{
    private const string Key = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    private readonly TestClock _clock = new() { Hurried = Sender.Pauses };

    [Fact]
    public async Task Headers_credentials_and_signatures_are_of_the_texts_of_their_files()
    {
        await using var receiver = new Receiver(Receiver.Answer(200));
        await using var sender = Started();
        var endpoint = Endpoint(receiver) with { Headers = Headers(), Auth = Bearer(), SecretReference = Reference("key") };
        Write("header", "one\n");
        Write("token", "t-1\n");
        Write("key", $"{Key}\n");

        Assert.True((await sender.Send(endpoint)).IsDelivered);

        var request = receiver.Requests.Single();
        Assert.Equal(("one", "Bearer t-1", "core"), (request["X-Key"].Single(), request["Authorization"].Single(), request["X-Team"].Single()));
        Assert.True(WebhookSecret.TryParse(Key, out var secret, out _));
        var timestamp = long.Parse(request["webhook-timestamp"].Single(), CultureInfo.InvariantCulture);
        Assert.Equal([secret.Sign(request["webhook-id"].Single(), timestamp, Encoding.UTF8.GetBytes(request.Body))], request["webhook-signature"]);
    }

    [Fact]
    public async Task A_changed_file_is_used_within_a_second()
    {
        await using var receiver = new Receiver(Receiver.Answer(200));
        await using var sender = Started();
        var endpoint = Endpoint(receiver) with { Auth = Bearer() };
        foreach (var token in (string[])["t-1", "t-2"])
        {
            Write("token", token);
            await sender.Send(endpoint);
            await sender.Send(endpoint);
            _clock.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(["Bearer t-1", "Bearer t-1", "Bearer t-2", "Bearer t-2"], receiver.Requests.SelectMany(static request => request["Authorization"]));
    }

    [Fact]
    public async Task A_missing_file_fails_the_attempt_which_is_made_again()
    {
        await using var receiver = new Receiver(Receiver.Answer(200));
        await using var sender = Started();
        var endpoint = Endpoint(receiver) with { Auth = Bearer() };

        var attempt = (await sender.Send(endpoint)).Last;
        Assert.Equal((FailureReason.Secret, null), (attempt.Reason, attempt.StatusCode));
        Assert.StartsWith($"the secret {Reference("token")} cannot be read: expected a file that can be read (", attempt.Error, StringComparison.Ordinal);
        Assert.Empty(receiver.Requests);

        Write("token", "t-1");
        Assert.True((await sender.Send(endpoint)).IsDelivered);
    }

    [Theory]
    [InlineData("token", "canary 1", "token: expected visible ASCII characters without spaces")]
    [InlineData("token", "canary\nX-Injected: 2", "token: expected visible ASCII characters without spaces")]
    [InlineData("header", "canary\r\nX-Injected: 3", "X-Key: expected a value of visible ASCII characters and spaces between them")]
    [InlineData("key", "canary-4", "the secret does not begin with whsec_; expected whsec_ and then 24 to 64 bytes in base64")]
    public async Task A_text_that_cannot_be_used_fails_the_attempt_and_is_not_shown(string file, string text, string fault)
    {
        await using var receiver = new Receiver(Receiver.Answer(200));
        await using var sender = Started();
        Write(file, text);
        var endpoint = Endpoint(receiver);
        endpoint = file switch
        {
            "token" => endpoint with { Auth = Bearer() },
            "header" => endpoint with { Headers = Headers() },
            _ => endpoint with { SecretReference = Reference("key") },
        };

        var attempt = (await sender.Send(endpoint)).Last;

        Assert.Equal((FailureReason.Secret, $"the file of a secret has a text that cannot be used: {fault}"), (attempt.Reason, attempt.Error));
        Assert.Empty(receiver.Requests);
    }

    [Fact]
    public async Task A_file_without_text_fails_the_attempt()
    {
        await using var receiver = new Receiver(Receiver.Answer(200));
        await using var sender = Started();
        Write("token", "");

        var attempt = (await sender.Send(Endpoint(receiver) with { Auth = Bearer() })).Last;

        Assert.Equal(FailureReason.Secret, attempt.Reason);
        Assert.EndsWith("expected a file with text; it is empty, or no regular file", attempt.Error, StringComparison.Ordinal);
        Assert.Empty(receiver.Requests);
    }

    [Theory]
    [InlineData("admin")]
    [InlineData("link")]
    public async Task A_file_of_the_service_s_own_settings_is_not_sent(string name)
    {
        await using var receiver = new Receiver(Receiver.Answer(200));
        Write("admin", "canary");
        File.CreateSymbolicLink(Path.Combine(Folder.Path, "link"), "admin");
        await using var sender = new Sender(_clock, ("SECRETS_DIR", Folder.Path), ("ADMIN_KEY_FILE", Path.Combine(Folder.Path, "link")));
        var endpoint = Endpoint(receiver) with { Auth = new() { Kind = AuthKind.Bearer, Token = new SecretValue(null, Reference(name)) } };

        var attempt = (await sender.Send(endpoint)).Last;

        Assert.Equal(FailureReason.Secret, attempt.Reason);
        Assert.EndsWith("expected a file of the endpoint's own: this is that of ADMIN_KEY_FILE", attempt.Error, StringComparison.Ordinal);
        Assert.Empty(receiver.Requests);
    }

    private static WebhookEndpoint Endpoint(Receiver receiver) => Sender.Endpoint(receiver.Url, maxRetries: 0);

    private DeliveryHeaders Headers() => DeliveryHeaders.TryParse(
        [KeyValuePair.Create("X-Team", (string?)"core")], [KeyValuePair.Create("X-Key", Reference("header"))], out var headers, out _) ? headers : throw new InvalidOperationException();

    private EndpointAuth Bearer() => new() { Kind = AuthKind.Bearer, Token = new SecretValue(null, Reference("token")) };

    private Sender Started() => new(_clock, ("SECRETS_DIR", Folder.Path));

    private string Reference(string name) => $"file:{Path.Combine(Folder.Path, name)}";

    private void Write(string name, string text) => File.WriteAllText(Path.Combine(Folder.Path, name), text);
}
