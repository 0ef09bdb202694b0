using System.Security.Cryptography;
using System.Text;
using CsCheck;
using Middleware.Endpoints;

namespace Tests.Middleware.Endpoints;

public class WebhookSecretTests
{
    private const string Known = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    [Fact]
    public void The_check_vector_of_the_contract_is_met() => Assert.Equal(
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        Parsed(Known).Sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, """{"test": 2432232314}"""u8));

    [Fact]
    public void Any_message_is_signed_over_its_raw_bytes() =>
        Gen.Select(Gen.Byte.Array[24, 64], Gen.String, Gen.Long, Gen.Byte.Array[0, 5_000]).Sample((key, id, timestamp, body) =>
        {
            byte[] message = [.. Encoding.UTF8.GetBytes($"{id}.{timestamp}."), .. body];
            var expected = "v1," + Convert.ToBase64String(HMACSHA256.HashData(key, message));

            Assert.Equal(expected, WebhookSecret.Generate(_ => key).Sign(id, timestamp, body));
        });

    [Fact]
    public void A_secret_reads_back_as_it_was_revealed() => Gen.Byte.Array[24, 64].Sample(key =>
    {
        var secret = WebhookSecret.Generate(_ => key);

        Assert.Equal(secret, Parsed(secret.Reveal()));
        Assert.Equal("whsec_" + Convert.ToBase64String(key), secret.Reveal());
    });

    [Fact]
    public void A_new_secret_has_32_random_bytes()
    {
        var secret = WebhookSecret.Generate(count => [.. Enumerable.Range(0, count).Select(number => (byte)number)]);

        Assert.Equal("whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", secret.Reveal());
    }

    [Theory]
    [InlineData(null, "the secret does not begin with whsec_")]
    [InlineData("", "the secret does not begin with whsec_")]
    [InlineData("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "the secret does not begin with whsec_")]
    [InlineData("WHSEC_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "the secret does not begin with whsec_")]
    [InlineData("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS", "the text after whsec_ is not base64")]
    [InlineData("whsec_MfKQ9r8GKYqrTwjU PD8ILPZIo2LaLaSw", "the text after whsec_ is not base64")]
    [InlineData("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n", "the text after whsec_ is not base64")]
    [InlineData("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLa-_", "the text after whsec_ is not base64")]
    [InlineData("whsec_", "the key has 0 bytes")]
    [InlineData("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaQ=", "the key has 23 bytes")]
    public void Another_secret_is_refused_and_not_repeated(string? text, string fault)
    {
        Assert.False(WebhookSecret.TryParse(text, out _, out var said));
        Assert.Equal(fault + "; expected whsec_ and then 24 to 64 bytes in base64", said);
    }

    [Theory]
    [InlineData(23, false)]
    [InlineData(24, true)]
    [InlineData(64, true)]
    [InlineData(65, false)]
    public void A_key_has_24_to_64_bytes(int length, bool isAccepted) =>
        Assert.Equal(isAccepted, WebhookSecret.TryParse("whsec_" + Convert.ToBase64String(new byte[length]), out _, out _));

    [Fact]
    public void A_secret_shows_itself_only_when_asked()
    {
        var secrets = new SigningSecrets(Parsed(Known)) { Previous = new ReplacedSecret(Parsed(Known), TestClock.Noon) };

        Assert.Equal("whsec_***", secrets.Current.ToString());
        Assert.DoesNotContain("MfKQ", secrets.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("MfKQ", System.Text.Json.JsonSerializer.Serialize(secrets), StringComparison.Ordinal);
        Assert.Equal(Known, secrets.Current.Reveal());
    }

    [Fact]
    public void Signing_allocates_the_signature_and_nothing_else()
    {
        var secret = Parsed(Known);
        var body = new byte[4_096];
        // The first time fills the pool; a collection may empty it again.
        var least = Enumerable.Range(0, 20).Min(_ => Allocated(() => secret.Sign("id", 1, body)));

        Assert.Equal(Allocated(() => new string('x', 47)), least);

        static long Allocated(Func<string> make)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            make();
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
    }

    private static WebhookSecret Parsed(string text) => WebhookSecret.TryParse(text, out var secret, out var fault) ? secret : throw new FormatException(fault);
}
