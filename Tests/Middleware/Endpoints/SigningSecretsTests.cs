using Middleware.Endpoints;

namespace Tests.Middleware.Endpoints;

public class SigningSecretsTests
{
    private static readonly WebhookSecret First = Secret(1);
    private static readonly WebhookSecret Second = Secret(2);
    private static readonly WebhookSecret Third = Secret(3);
    private static readonly TimeSpan Tick = TimeSpan.FromTicks(1);

    [Fact]
    public void One_secret_gives_one_signature() => Assert.Equal(Signed(First), Header(new SigningSecrets(First), TestClock.Noon));

    [Fact]
    public void After_a_change_both_sign_for_24_hours_the_new_one_first()
    {
        var secrets = new SigningSecrets(First).Rotate(Second, TestClock.Noon);
        var end = TestClock.Noon + TimeSpan.FromHours(24);

        Assert.Equal(end, secrets.Previous!.ExpiresAt);
        Assert.Equal($"{Signed(Second)} {Signed(First)}", Header(secrets, TestClock.Noon));
        Assert.Equal($"{Signed(Second)} {Signed(First)}", Header(secrets, end - Tick));
        Assert.Equal(Signed(Second), Header(secrets, end));
        Assert.Equal(Signed(Second), Header(secrets, end + TimeSpan.FromDays(1)));
    }

    [Fact]
    public void A_second_change_within_24_hours_lets_the_oldest_go()
    {
        var again = TestClock.Noon + TimeSpan.FromHours(1);
        var secrets = new SigningSecrets(First).Rotate(Second, TestClock.Noon).Rotate(Third, again);

        Assert.Equal($"{Signed(Third)} {Signed(Second)}", Header(secrets, again));
        Assert.Equal($"{Signed(Third)} {Signed(Second)}", Header(secrets, again + TimeSpan.FromHours(24) - Tick));
        Assert.Equal(Signed(Third), Header(secrets, again + TimeSpan.FromHours(24)));
    }

    [Fact]
    public void The_same_secret_again_changes_nothing()
    {
        var secrets = new SigningSecrets(First).Rotate(Second, TestClock.Noon);

        Assert.Equal(secrets, secrets.Rotate(Secret(2), TestClock.Noon + TimeSpan.FromHours(1)));
    }

    [Fact]
    public void A_change_can_be_taken_back()
    {
        var secrets = new SigningSecrets(First).Rotate(Second, TestClock.Noon).Rotate(First, TestClock.Noon);

        Assert.Equal($"{Signed(First)} {Signed(Second)}", Header(secrets, TestClock.Noon));
    }

    private static string Header(SigningSecrets secrets, DateTimeOffset now) => secrets.SignatureHeader("id", 1, "{}"u8, now);

    private static string Signed(WebhookSecret secret) => secret.Sign("id", 1, "{}"u8);

    private static WebhookSecret Secret(byte seed) => WebhookSecret.Generate(count => [.. Enumerable.Repeat(seed, count)]);
}
