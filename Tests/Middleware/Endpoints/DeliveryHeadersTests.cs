using CsCheck;
using Middleware.Endpoints;

namespace Tests.Middleware.Endpoints;

public class DeliveryHeadersTests
{
    private const string Ours = "expected another header; this one is set by the sender";
    private const string NameWanted = "expected a name of letters, digits and !#$%&'*+-.^_`|~";
    private const string ValueWanted = "expected a value of visible ASCII characters and spaces between them";

    [Fact]
    public void Headers_of_ones_own_are_kept_in_their_order()
    {
        var headers = Accepted(("X-Team", "core"), ("Authorization", "Bearer a.b c"), ("!#$%&'*+-.^_`|~", "~"));

        Assert.Equal(["X-Team", "Authorization", "!#$%&'*+-.^_`|~"], headers.All.Select(header => header.Key));
        Assert.Equal(["core", "Bearer a.b c", "~"], headers.All.Select(header => header.Value));
        Assert.Equal(headers, Accepted(("X-Team", "core"), ("Authorization", "Bearer a.b c"), ("!#$%&'*+-.^_`|~", "~")));
        Assert.NotEqual(headers, Accepted(("X-Team", "core")));
        Assert.Equal(DeliveryHeaders.None, Accepted());
    }

    [Fact]
    public void A_value_is_not_shown() => Assert.Equal("X-Team, Authorization", Accepted(("X-Team", "core"), ("Authorization", "secret")).ToString());

    public static TheoryData<string> NamesOfTheSender =>
    [
        "Connection", "keep-alive", "Proxy-Authorization", "proxy-connection", "TE", "Trailer", "Transfer-Encoding", "Upgrade", "Host", "Content-Length",
        "Content-Type", "Content-Encoding", "Expect", "webhook-id", "Webhook-Signature", "webhook-anything", "X-Correlation-ID", "X-Delivery-Attempt",
        "X-Delivery-Test", "X-Replay-Id", "traceparent", "tracestate", "USER-AGENT",
    ];

    [Theory]
    [MemberData(nameof(NamesOfTheSender))]
    public void What_the_sender_sets_is_refused(string name) => Assert.Equal([$"{name}: {Ours}"], Faults((name, "x")));

    [Theory]
    [InlineData("", "(no name): expected a name of 1 to 128 characters")]
    [InlineData("a b", "a b: " + NameWanted)]
    [InlineData("a:", "a:: " + NameWanted)]
    [InlineData("a\r\nb", "a??b: " + NameWanted)]
    [InlineData("é", "?: " + NameWanted)]
    [InlineData("(a)", "(a): " + NameWanted)]
    public void A_name_is_a_token(string name, string fault) => Assert.Equal([fault], Faults((name, "x")));

    [Theory]
    [InlineData("a\r\nX-B: c")]
    [InlineData("a\nb")]
    [InlineData("a\0")]
    [InlineData("a\tb")]
    [InlineData("a\u007f")]
    [InlineData("é")]
    [InlineData(" a")]
    [InlineData("a ")]
    public void A_value_cannot_leave_its_line(string value) => Assert.Equal(["X-A: " + ValueWanted], Faults(("X-A", value)));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public void A_value_is_not_empty(string? value) => Assert.Equal(["X-A: expected a value of 1 to 2048 characters"], Faults(("X-A", value)));

    [Fact]
    public void All_faults_are_named_at_once() => Assert.Equal(
        ["Host: " + Ours, "X-B: " + ValueWanted, "x-a: expected once"], Faults(("X-A", "1"), ("Host", "h"), ("X-B", "\n"), ("x-a", "2")));

    [Fact]
    public void Their_number_and_sizes_are_bounded()
    {
        Assert.NotNull(Accepted(Many(20, 100)));
        Assert.Equal(["expected at most 20 headers"], Faults(Many(21, 1)));
        Assert.NotNull(Accepted((new string('a', 128), new string('b', 2_048))));
        Assert.Equal([new string('a', 40) + ": expected a name of 1 to 128 characters"], Faults((new string('a', 129), "b")));
        Assert.Equal(["X-A: expected a value of 1 to 2048 characters"], Faults(("X-A", new string('b', 2_049))));
        Assert.NotNull(Accepted(Many(4, 2_045)));
        Assert.Equal(["expected headers of at most 8192 characters in all"], Faults([.. Many(4, 2_045), ("x", "y")]));

        static (string, string?)[] Many(int count, int length) => [.. Enumerable.Range(10, count).Select(number => ($"x{number}", (string?)new string('v', length)))];
    }

    /// <summary>Checks that HttpClient sends an accepted header as it was given.</summary>
    [Fact]
    public void Whatever_is_accepted_can_be_sent() => Gen.Select(Gen.String[Gen.Char[' ', '\u00ff'], 1, 20], Gen.String[Gen.Char['\0', '\u00ff'], 1, 20])
        .Sample((name, value) =>
        {
            if (DeliveryHeaders.TryParse([KeyValuePair.Create(name, (string?)value)], out _, out _))
            {
                using var request = new HttpRequestMessage();
                Assert.True(request.Headers.TryAddWithoutValidation(name, value));
                Assert.Equal([value], request.Headers.NonValidated[name]);
            }
        });

    private static DeliveryHeaders Accepted(params (string Name, string? Value)[] headers)
    {
        Assert.True(DeliveryHeaders.TryParse([.. headers.Select(Pair)], out var accepted, out var faults), string.Join('\n', faults));
        return accepted;
    }

    private static IEnumerable<string> Faults(params (string Name, string? Value)[] headers)
    {
        Assert.False(DeliveryHeaders.TryParse([.. headers.Select(Pair)], out var none, out var faults));
        Assert.Null(none);
        return faults;
    }

    private static KeyValuePair<string, string?> Pair((string Name, string? Value) header) => KeyValuePair.Create(header.Name, header.Value);
}
