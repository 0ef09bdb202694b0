using Microsoft.Extensions.Configuration;
using Middleware.Endpoints;
using Middleware.Events;
using ServiceDefaults.Settings;

namespace Tests.Middleware.Endpoints;

public sealed class OutboundProxyTests() : OnAService(MiddlewareService.WithoutEndpoint(("Endpoints:mail:url", "https://mail.example/"), ("Endpoints:mail:proxy", "direct")))
{
    private const string Wanted = "expected the URL of an HTTP proxy without a path, such as http://proxy.internal:3128";

    public static TheoryData<string, string> Faults => new()
    {
        { "https://proxy.internal:3128", Wanted },
        { "socks5://proxy.internal", Wanted },
        { "proxy.internal:3128", Wanted },
        { "http://proxy.internal/pac", Wanted },
        { "http://proxy.internal?***", Wanted },
        { "http://***@proxy.internal", "expected a URL without user name and password" },
        { "http://proxy.internal:25", "events are not sent to port 25, which is of another protocol; expected a port that browsers may use (https://fetch.spec.whatwg.org/#port-blocking)" },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task A_proxy_that_could_not_be_used_is_refused_by_name_and_value(string shown, string fault)
    {
        var given = shown.Replace("***", "user:hush", StringComparison.Ordinal);

        await Service.Post(ServiceRequests.Endpoints, Definition(given)).IsFault(
            HttpStatusCode.BadRequest, $"\"{shown}\" is not accepted; {fault}{(fault == Wanted ? ", or direct for none" : "")}", "proxy");

        var settings = new SettingsReader(new ConfigurationBuilder().AddInMemoryCollection([KeyValuePair.Create("OUTBOUND_PROXY", (string?)given)]).Build());
        DefaultProxy.Read(settings);
        Assert.Equal($"OUTBOUND_PROXY: \"{shown}\" is not accepted; {fault}, or nothing for none.", Assert.Single(settings.Failures));
    }

    [Fact]
    public async Task An_address_inside_is_refused_where_it_is_written()
    {
        await Service.Post(ServiceRequests.Endpoints, Definition("http://10.0.0.7:3128")).IsFault(
            HttpStatusCode.BadRequest, "\"http://10.0.0.7:3128\" is not accepted; events are not sent to 10.0.0.7; expected a public address, or one in ALLOWED_NETWORKS", "proxy");
    }

    [Fact]
    public async Task A_proxy_is_shown_kept_and_set_back_to_the_default()
    {
        var created = await Service.Create(Definition("HTTP://Proxy.Internal:3128/"));
        var path = $"{ServiceRequests.Endpoints}/{created["id"]}";
        Assert.Equal("http://proxy.internal:3128", (string?)created["proxy"]);

        await Service.Ask(HttpMethod.Put, path, HttpStatusCode.OK, (await Service.Get(path)).ToJsonString(), "If-Match: *");
        await Service.Restart();
        Assert.Equal("http://proxy.internal:3128", (string?)(await Service.Get(path))["proxy"]);
        Assert.Equal("direct", (string?)(await Service.Get($"{ServiceRequests.Endpoints}/mail"))["proxy"]);
        Assert.Equal(OutboundProxy.Direct, Service.Endpoints.Find(new EndpointId("mail"))!.Proxy);

        Assert.Null((await Service.Patch(path, HttpStatusCode.OK, """{"proxy":null}"""))["proxy"]);
    }

    private static string Definition(string proxy) => $$"""{"name":"pager","url":"https://pager.example/hook","proxy":"{{proxy}}"}""";
}
