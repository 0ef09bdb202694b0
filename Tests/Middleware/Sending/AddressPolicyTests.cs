using CsCheck;
using Microsoft.Extensions.Configuration;
using Middleware.Endpoints;
using Middleware.Sending;
using ServiceDefaults.Settings;

namespace Tests.Middleware.Sending;

public class AddressPolicyTests
{
    private static readonly AddressPolicy Public = new();

    public static TheoryData<string> NotReachable =>
    [
        "0.0.0.0", "0.255.255.255", "10.0.0.0", "10.255.255.255", "100.64.0.0", "100.100.100.200", "100.127.255.255", "127.0.0.1", "127.255.255.254", "168.63.129.16",
        "169.254.169.254", "169.254.0.0", "172.16.0.0", "172.31.255.255", "192.0.0.192", "192.0.2.1", "192.88.99.1", "192.168.0.0", "192.168.255.255", "198.18.0.0",
        "198.19.255.255", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.0", "255.255.255.255", "::", "::1", "::127.0.0.1", "::8.8.8.8",
        "::ffff:10.0.0.1", "::ffff:0:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::169.254.169.254", "64:ff9b:1::8.8.8.8", "100::1", "2001::1", "2001:2::1", "2001:10::1",
        "2001:db8::1", "2002:7f00:1::", "2002:808:808::", "3fff::1", "4000::1", "5f00::1", "fc00::1", "fd00:ec2::254", "fe80::1", "fe80::1%1", "fec0::1", "ff02::1",
    ];

    [Theory]
    [MemberData(nameof(NotReachable))]
    public void What_is_not_globally_reachable_is_refused(string address) => Assert.False(Public.Allows(IPAddress.Parse(address), 443));

    public static TheoryData<string> Reachable =>
    [
        "1.0.0.0", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.0", "169.253.255.255", "172.15.255.255", "172.32.0.0",
        "192.0.1.0", "192.169.0.0", "198.20.0.0", "223.255.255.255", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "2001:200::1", "2001:db9::1", "2003::1",
        "2606:4700:4700::1111", "3ffe::1",
    ];

    [Theory]
    [MemberData(nameof(Reachable))]
    public void What_is_globally_reachable_is_allowed(string address) => Assert.True(Public.Allows(IPAddress.Parse(address), 443));

    [Fact]
    public void The_forms_of_an_IPv4_address_are_judged_alike() => Gen.Byte.Array[4].Sample(bytes =>
    {
        var address = new IPAddress(bytes);
        var policy = Allowing("10.1.0.0/16");

        Assert.Equal(policy.Allows(address, 80), policy.Allows(address.MapToIPv6(), 80));
        Assert.Equal(policy.Allows(address, 80), policy.Allows(IPAddress.Parse($"64:ff9b::{address}"), 80));
    });

    [Fact]
    public void An_allowed_network_is_allowed_and_its_neighbours_are_not()
    {
        var policy = Allowing("10.1.0.0/16,fd00:1::/32,fe80::/10");

        Assert.True(policy.AllowsLiteral("10.1.2.3", 80));
        Assert.True(policy.AllowsLiteral("::ffff:10.1.2.3", 80));
        Assert.True(policy.AllowsLiteral("fd00:1::9", 80));
        Assert.True(policy.AllowsLiteral("fe80::1%2", 80));
        Assert.False(policy.AllowsLiteral("10.2.0.0", 80));
        Assert.False(policy.AllowsLiteral("fd00:2::9", 80));
        Assert.False(policy.AllowsLiteral("::10.1.2.3", 80));
        Assert.False(policy.AllowsLiteral("no address", 80));
    }

    [Theory]
    [InlineData("10.0.0.0/8:8080", "10.1.2.3", 8080, true)]
    [InlineData("10.0.0.0/8:8080", "10.1.2.3", 80, false)]
    [InlineData("10.0.0.0/8:8080", "::ffff:10.1.2.3", 8080, true)]
    [InlineData("10.0.0.0/8:8080,10.1.0.0/16:80", "10.1.2.3", 80, true)]
    [InlineData("192.168.1.20:9000", "192.168.1.20", 9000, true)]
    [InlineData("192.168.1.20:9000", "192.168.1.20", 9001, false)]
    [InlineData("fd00::/8:9000", "fd00::1", 9000, true)]
    [InlineData("fd00::/8:9000", "fd00::1", 9001, false)]
    [InlineData("10.0.0.0/8:8080", "8.8.8.8", 80, true)]
    public void An_allowed_network_may_be_allowed_at_one_port(string allowed, string address, int port, bool expected) =>
        Assert.Equal(expected, Allowing(allowed).Allows(IPAddress.Parse(address), port));

    [Theory]
    [InlineData("0.0.0.0/0,::/0", "169.254.169.254")]
    [InlineData("169.254.0.0/16", "169.254.169.254")]
    [InlineData("169.254.169.254/31", "169.254.169.254")]
    [InlineData("169.254.0.0/16", "169.254.170.2")]
    [InlineData("169.254.0.0/16", "::ffff:169.254.169.254")]
    [InlineData("169.254.0.0/16,::/0", "64:ff9b::169.254.169.254")]
    [InlineData("::/0,169.254.0.0/16", "2002:a9fe:a9fe::")]
    [InlineData("100.64.0.0/10", "100.100.100.200")]
    [InlineData("168.63.0.0/16", "168.63.129.16")]
    [InlineData("192.0.0.0/24", "192.0.0.192")]
    [InlineData("fd00::/8", "fd00:ec2::254")]
    [InlineData("fd00::/8", "fd00:ec2::254%1")]
    public void Where_clouds_hand_out_credentials_only_an_entry_of_its_own_allows(string allowed, string address)
    {
        Assert.False(Allowing(allowed).Allows(IPAddress.Parse(address), 80));
        Assert.True(Allowing($"{allowed},{AddressPolicy.Unwrap(IPAddress.Parse(address))}").Allows(IPAddress.Parse(address), 80));
    }

    [Theory]
    [InlineData("::/0", "64:ff9b::10.0.0.1")]
    [InlineData("::/0", "2002:a00:1::")]
    [InlineData("::/0", "::ffff:10.0.0.1")]
    [InlineData("2000::/3", "2002:a00:1::")]
    public void An_IPv4_address_in_IPv6_is_allowed_by_its_own_networks_alone(string allowed, string address)
    {
        Assert.False(Allowing(allowed).Allows(IPAddress.Parse(address), 80));
        Assert.True(Allowing("10.0.0.0/8").Allows(IPAddress.Parse(address), 80));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(22)]
    [InlineData(25)]
    [InlineData(6379, true)]
    [InlineData(6667)]
    [InlineData(10080)]
    [InlineData(80, true)]
    [InlineData(443, true)]
    [InlineData(8080, true)]
    public void A_port_of_another_protocol_is_refused_whatever_is_allowed(int port, bool expected = false)
    {
        Assert.Equal(expected, Public.Allows(IPAddress.Parse("8.8.8.8"), port));
        Assert.Equal(expected, Allowing("127.0.0.0/8").Allows(IPAddress.Loopback, port));
        Assert.Equal(expected, Allowing($"127.0.0.1:{port}").Allows(IPAddress.Loopback, port));
        Assert.Equal(expected, WebhookUrl.TryParse($"https://receiver.example:{port}/", static (_, _) => true, out _, out var fault));
        Assert.Equal(!expected, fault?.Contains($"port {port}", StringComparison.Ordinal) == true);
    }

    [Theory]
    [InlineData(null, "")]
    [InlineData("", "")]
    [InlineData("10.0.0.0/8", "10.0.0.0/8")]
    [InlineData("192.168.1.20, fd00::/8,::1", "192.168.1.20/32 fd00::/8 ::1/128")]
    [InlineData("0.0.0.0/0,::/0", "0.0.0.0/0 ::/0")]
    [InlineData("10.0.0.0/8:8080,192.168.1.20:1,fd00::/8:65535,::1", "10.0.0.0/8:8080 192.168.1.20/32:1 fd00::/8:65535 ::1/128")]
    public void Networks_are_read_from_the_settings(string? given, string expected)
    {
        var settings = Settings(given);

        Assert.Equal(expected, string.Join(' ', AllowedNetworks.Read(settings).Networks));
        Assert.Empty(settings.Failures);
    }

    public static TheoryData<string> BadValues =>
    [
        "x", "10", "10/8", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "10.0.0.0/8/8", "010.0.0.0/8", "0x0a000000/8", "fd00::/129", "fe80::1%eth0", "[fd00::]/8",
        "::ffff:10.0.0.0/104", "localhost", "10.0.0.0/8,x", "10.0.0.1/8", "fd00::1/8", "10.0.0.0/8:", "10.0.0.0/8:0", "10.0.0.0/8:65536", "10.0.0.0/8:+80",
        "10.0.0.0:8080/8", "10.0.0.1:80:80", "2002:a00:1::/48", "64:ff9b::/96", ",", "10.0.0.0/8,,fd00::/8",
    ];

    [Theory]
    [MemberData(nameof(BadValues))]
    public void A_bad_value_is_named_in_one_line(string given)
    {
        var settings = Settings(given);

        AllowedNetworks.Read(settings);

        Assert.Equal(
            [$"ALLOWED_NETWORKS: \"{given}\" is not accepted; expected networks and addresses such as 10.0.0.0/8,192.168.1.20,fd00::/8 or with a port 10.0.0.0/8:8080, separated by commas, IPv4 in its own form, with no bit set behind a prefix, or nothing."],
            settings.Failures);
    }

    private static AddressPolicy Allowing(string networks) => new(AllowedNetworks.Read(Settings(networks)).Networks);

    private static SettingsReader Settings(string? given) =>
        new(new ConfigurationBuilder().AddInMemoryCollection([KeyValuePair.Create("ALLOWED_NETWORKS", given)]).Build());
}
