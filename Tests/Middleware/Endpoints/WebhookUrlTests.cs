using Middleware.Endpoints;

namespace Tests.Middleware.Endpoints;

public class WebhookUrlTests
{
    private const string Wanted = "expected an absolute http or https URL such as https://example.com/events";
    private const string Ascii = "expected a URL in visible ASCII without backslashes: a host's international name as xn--, other characters percent-encoded";
    private const string NoUser = "expected a URL without user name and password";

    [Theory]
    [InlineData("https://example.com", "https://example.com/")]
    [InlineData("HTTP://Example.COM:8080/Hook?a=b%20c", "http://example.com:8080/Hook?a=b%20c")]
    [InlineData("http://example.com./", "http://example.com./")]
    [InlineData("http://xn--mnchen-3ya.example/", "http://xn--mnchen-3ya.example/")]
    [InlineData("http://a_b.internal/@x", "http://a_b.internal/@x")]
    [InlineData("http://8.8.8.8/", "http://8.8.8.8/")]
    [InlineData("http://[2606:4700::1111]:81/", "http://[2606:4700::1111]:81/")]
    public void A_URL_is_accepted(string text, string expected)
    {
        Assert.True(WebhookUrl.TryParse(text, (_, _) => true, out var url, out var fault), fault);
        Assert.Equal(expected, url.AbsoluteUri);
    }

    [Theory]
    [InlineData(null, Wanted)]
    [InlineData("", Wanted)]
    [InlineData("/events", Wanted)]
    [InlineData("example.com/events", Wanted)]
    [InlineData("ftp://example.com/", Wanted)]
    [InlineData("file:///etc/passwd", Wanted)]
    [InlineData("gopher://example.com/", Wanted)]
    [InlineData("http:example.com", Wanted)]
    [InlineData("http:/example.com", Wanted)]
    [InlineData("http:///example.com", Wanted)]
    [InlineData("http://", Wanted)]
    [InlineData("http://example.com:0/", Wanted)]
    [InlineData("http://example.com:65536/", Wanted)]
    [InlineData("http://-a.example/", Wanted)]
    [InlineData("http://127.0.0.%31/", Wanted)]
    [InlineData("http://[1::2::3]/", Wanted)]
    [InlineData(" http://example.com/", Ascii)]
    [InlineData("http://example.com/\r\nX: y", Ascii)]
    [InlineData("http://exam\tple.com/", Ascii)]
    [InlineData("http://example.com/a b", Ascii)]
    [InlineData("http:\\\\example.com\\", Ascii)]
    [InlineData("http://example.com\\@127.0.0.1/", Ascii)]
    [InlineData("http://münchen.example/", Ascii)]
    [InlineData("http://user:secret@example.com/", NoUser)]
    [InlineData("http://user@example.com/", NoUser)]
    [InlineData("http://@example.com/", NoUser)]
    [InlineData("http://example.com@127.0.0.1/", NoUser)]
    [InlineData("http://example.com/#", "expected a URL without a fragment")]
    [InlineData("http://example.com/a?b#c", "expected a URL without a fragment")]
    [InlineData("http://[fe80::1%25eth0]/", "expected an IPv6 address without a zone")]
    public void Another_is_refused_with_what_is_accepted(string? text, string expected)
    {
        Assert.False(WebhookUrl.TryParse(text, (_, _) => true, out var url, out var fault));
        Assert.Null(url);
        Assert.Equal(expected, fault);
    }

    [Fact]
    public void A_URL_has_at_most_2048_characters()
    {
        const string Start = "http://example.com/";

        Assert.True(WebhookUrl.TryParse(Start + new string('a', 2_048 - Start.Length), (_, _) => true, out _, out _));
        Assert.False(WebhookUrl.TryParse(Start + new string('a', 2_049 - Start.Length), (_, _) => true, out _, out var fault));
        Assert.Equal("expected a URL of at most 2048 characters", fault);
    }

    [Theory]
    [InlineData("http://2130706433/", "127.0.0.1")]
    [InlineData("http://0177.0.0.1/", "127.0.0.1")]
    [InlineData("http://0x7f.1/", "127.0.0.1")]
    [InlineData("http://127.1/", "127.0.0.1")]
    [InlineData("http://[::ffff:7f00:1]/", "::ffff:127.0.0.1")]
    [InlineData("http://[0:0:0:0:0:0:0:1]/", "::1")]
    [InlineData("http://localhost:8080/", "127.0.0.1")]
    [InlineData("http://LOCALHOST./", "127.0.0.1")]
    [InlineData("http://a.localhost/", "127.0.0.1")]
    public void An_address_is_judged_in_its_plain_form(string text, string expected)
    {
        var judged = new List<string>();

        Assert.False(WebhookUrl.TryParse(text, Refuse, out _, out var fault));
        Assert.Equal([expected], judged);
        Assert.Equal($"events are not sent to {new Uri(text).Host}; expected a public address, or one in ALLOWED_NETWORKS", fault);

        bool Refuse(string address, int port)
        {
            judged.Add(address);
            return false;
        }
    }

    [Fact]
    public void A_name_is_not_judged_here() => Assert.True(WebhookUrl.TryParse("http://inside.example/", (_, _) => false, out _, out _));

    public static TheoryData<string> HostsEndingInANumber =>
    [
        "127.0.0.1.", "127.0.0.08", "0x7f.0.0.1.", "256.1.1.1", "1.2.3.4.5", "4294967296", "example.1", "example.0x7f", "0x",
    ];

    [Theory]
    [MemberData(nameof(HostsEndingInANumber))]
    public void A_host_that_ends_in_a_number_and_is_no_address_is_refused(string host)
    {
        Assert.False(WebhookUrl.TryParse($"http://{host}/", (_, _) => true, out _, out var fault));
        Assert.Equal($"the host {host} is neither a name nor an address; expected a name, or an address such as 192.0.2.1 or [2001:db8::1]", fault);
    }
}
