using System.Globalization;
using System.Net.Sockets;
using Tests.ServiceDefaults;

namespace Tests.Middleware.ProcessTests;

[RunsNatively]
public class RefusingToStart
{
    private const string Url = "expected an http or https URL such as http://localhost:8081/external/alerts, or nothing for none.";
    private const string Origins = "expected origins as browsers send them, such as https://console.example,http://localhost:3000, separated by commas, or nothing.";
    private const string Hosts = "expected hosts without a port, such as hooks.example.com,*.example.com,[::1], separated by commas, * for any, or nothing.";

    [Theory]
    [InlineData("QUEUE_SIZE", "abc", "expected a whole number from 1 to 100000000.")]
    [InlineData("HTTP_TIMEOUT", "-1s", "expected a duration such as 3s, 500ms or 1m30s, from 10ms to 5m.")]
    [InlineData("EXTERNAL_ENDPOINT_URL", "ftp://x", Url)]
    [InlineData("EXTERNAL_ENDPOINT_URL", "http://\u05d01a.test/x", Url)]
    [InlineData("QUEUE_SIZE_FILE", "/no/such/file", "expected a file that can be read (Could not find a part of the path '/no/such/file').")]
    [InlineData("Endpoints", "pager", "it is a section; expected settings such as Endpoints__pager__url.")]
    [InlineData("PORT", "65536", "expected a whole number from 1 to 65535.")]
    [InlineData("CORS_ORIGINS", "*", Origins)]
    [InlineData("CORS_ORIGINS", "null", Origins)]
    [InlineData("CORS_ORIGINS", "console.example", Origins)]
    [InlineData("CORS_ORIGINS", "https://console.example/", Origins)]
    [InlineData("CORS_ORIGINS", "https://*.example", Origins)]
    [InlineData("CORS_ORIGINS", "https://console.example:443", Origins)]
    [InlineData("CORS_ORIGINS", "https://Console.example", Origins)]
    [InlineData("CORS_ORIGINS", "ftp://console.example", Origins)]
    [InlineData("CORS_ORIGINS", "http://localhost:3000;https://console.example", Origins)]
    [InlineData("CORS_ORIGINS", "http://localhost:3000,,https://console.example", Origins)]
    [InlineData("ALLOWED_HOSTS", "https://hooks.example", Hosts)]
    [InlineData("ALLOWED_HOSTS", "hooks.example:8080", Hosts)]
    [InlineData("ALLOWED_HOSTS", "hooks.example/", Hosts)]
    [InlineData("ALLOWED_HOSTS", "*hooks.example", Hosts)]
    [InlineData("ALLOWED_HOSTS", "*.10.0.0.7", Hosts)]
    [InlineData("ALLOWED_HOSTS", "::1", Hosts)]
    [InlineData("ALLOWED_HOSTS", "hooks.example;other.example", Hosts)]
    [InlineData("ALLOWED_HOSTS", "hooks.example,,other.example", Hosts)]
    [InlineData("ALLOWED_HOSTS", "b\u00fccher.example", Hosts)]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", "collector", "expected an http or https URL such as http://localhost:4317, or nothing for none.")]
    [InlineData("Logging__LogLevel__Default", "wurst", "expected Trace, Debug, Information, Warning, Error, Critical or None.")]
    [InlineData("DOCS", "yes", "expected one of open.")]
    [InlineData("ASPNETCORE_URLS", "nonsense", "expected a URL to listen on, without a path, such as http://127.0.0.1:8080 or http://*:8080.")]
    public async Task A_bad_setting_is_one_line(string name, string value, string accepted) =>
        await Refuses([$"{name}={value}", RunningMiddleware.InMemory], $"{name}: \"{value}\" is not accepted; {accepted}");

    [Fact]
    public async Task A_bad_setting_of_the_receiver_is_one_line_too()
    {
        using var service = ServiceProcess.Begin("ExternalAlerts.Api", "ALERTS_KEY=short");

        Assert.Equal(["ALERTS_KEY: \"(hidden)\" is not accepted; expected at least 16 characters, which nobody can guess."], await ReasonsOf(service));
    }

    [Fact]
    public async Task A_port_of_the_metrics_that_would_not_be_listened_on_is_refused() => await Refuses(
        ["METRICS_PORT=9100", "Kestrel__Endpoints__Http__Url=http://127.0.0.1:0", RunningMiddleware.InMemory],
        "METRICS_PORT: \"9100\" is not accepted; expected none beside Kestrel__Endpoints__..., or PORT or ASPNETCORE_URLS in their place.");

    [Theory]
    [InlineData("9100", "PORT=9100", "PORT")]
    [InlineData("9100", "ASPNETCORE_URLS=http://127.0.0.1:0;http://127.0.0.1:9100", "ASPNETCORE_URLS")]
    [InlineData("9100", "ASPNETCORE_HTTP_PORTS=9101;9100", "ASPNETCORE_HTTP_PORTS")]
    public async Task A_port_of_the_metrics_that_is_that_of_the_events_is_refused(string port, string other, string name) => await Refuses(
        [$"METRICS_PORT={port}", "ASPNETCORE_URLS=", other, RunningMiddleware.InMemory],
        $"METRICS_PORT: \"{port}\" is not accepted; expected another port than that of {name}.");

    [Theory]
    [InlineData("MASTER_KEY")]
    [InlineData("RATE_LIMIT")]
    [InlineData("ADMIN_KEY")]
    public async Task A_file_without_text_or_a_pipe_is_refused_alone(string name)
    {
        using var folder = new TemporaryDirectory();
        var (empty, pipe) = (Path.Combine(folder.Path, "empty"), Path.Combine(folder.Path, "pipe"));
        await File.WriteAllTextAsync(empty, "\n", Waiting.Cancellation);
        await SettingFilesTests.MakePipe(pipe);

        foreach (var path in (string[])[empty, pipe])
        {
            await Refuses(
                [$"{name}_FILE={path}", name == "ADMIN_KEY" ? "AUTH=" : "AUTH=off", RunningMiddleware.InMemory],
                $"{name}_FILE: \"{path}\" is not accepted; {SettingFilesTests.NoText}.");
        }
    }

    [Fact]
    public async Task A_bad_time_for_the_stop_is_one_line_too() => await Refuses(
        ["SHUTDOWN_TIMEOUT=abc", "QUEUE_SIZE=abc"],
        "QUEUE_SIZE: \"abc\" is not accepted; expected a whole number from 1 to 100000000.",
        "SHUTDOWN_TIMEOUT: \"abc\" is not accepted; expected a duration such as 3s, 500ms or 1m30s, from 0s to 1h.");

    [Fact]
    public async Task Every_bad_setting_is_named_at_once() => await Refuses(
        [
            "PORT=http", "EXTERNAL_ENDPOINT_URL=pager", "QUEUE_SIZE=0", "WORKER_COUNT=1001", "HTTP_TIMEOUT=9ms",
            "MAX_RETRIES=11", "BASE_DELAY=61s", "MAX_EVENT_BYTES=1",
        ],
        "BASE_DELAY: \"61s\" is not accepted; expected a duration such as 3s, 500ms or 1m30s, from 0s to 1m.",
        "EXTERNAL_ENDPOINT_URL: \"pager\" is not accepted; " + Url,
        "HTTP_TIMEOUT: \"9ms\" is not accepted; expected a duration such as 3s, 500ms or 1m30s, from 10ms to 5m.",
        "MAX_EVENT_BYTES: \"1\" is not accepted; expected a whole number from 1024 to 16777216.",
        "MAX_RETRIES: \"11\" is not accepted; expected a whole number from 0 to 10.",
        "PORT: \"http\" is not accepted; expected a whole number from 1 to 65535.",
        "QUEUE_SIZE: \"0\" is not accepted; expected a whole number from 1 to 100000000.",
        "WORKER_COUNT: \"1001\" is not accepted; expected a whole number from 1 to 1000.");

    [Fact]
    public async Task Every_fault_of_an_endpoint_that_is_declared_is_named_at_once() => await Refuses(
        [
            RunningMiddleware.InMemory, "Endpoints__pager__url=https://me:pw@pager.example/", "Endpoints__pager__workers=many",
            "Endpoints__pager__filter__min_priority=urgent", "Endpoints__pager__secret=whsec_x", "Endpoints__pager__colour=red",
            "Endpoints__default__url=https://pager.example/",
        ],
        "Endpoints__default: \"default\" is not accepted; expected an id of 1 to 64 of a-z, 0-9, _ and -, other than default and not beginning with ep_.",
        "Endpoints__pager__colour: \"(hidden)\" is not accepted; is not known; expected one of name, url, proxy, enabled, filter, workers, shards, queue_size, when_full, timeout, max_retries, base_delay, redelivery_schedule, max_age, rate_limit, batch, ordering, ordering_key, on_exhausted, headers, auth, format, fallback_endpoint_id, secret.",
        "Endpoints__pager__filter__min_priority: \"urgent\" is not accepted; \"urgent\" is not a known value; expected one of critical, high, medium, low.",
        "Endpoints__pager__secret: \"(hidden)\" is not accepted; the text after whsec_ is not base64; expected whsec_ and then 24 to 64 bytes in base64.",
        "Endpoints__pager__url: \"https://***@pager.example/\" is not accepted; expected a URL without user name and password.",
        "Endpoints__pager__workers: \"many\" is not accepted; must be a whole number from 1 to 1000; it is \"many\".");

    [Fact]
    public async Task Endpoints_that_are_declared_in_a_circle_are_one_line() => await Refuses(
        [
            RunningMiddleware.InMemory, "Endpoints__a__url=https://a.example/", "Endpoints__a__fallback_endpoint_id=b",
            "Endpoints__b__url=https://b.example/", "Endpoints__b__fallback_endpoint_id=c",
            "Endpoints__c__url=https://c.example/", "Endpoints__c__fallback_endpoint_id=b",
        ],
        "Endpoints__b__fallback_endpoint_id: \"c\" is not accepted; \"c\" leads back to the endpoint itself.");

    [Theory]
    [InlineData("ASPNETCORE_URLS=http://192.0.2.1:0", "ASPNETCORE_URLS: Cannot assign requested address")]
    [InlineData("ASPNETCORE_URLS=https://127.0.0.1:0", "ASPNETCORE_URLS: Unable to configure HTTPS endpoint.")]
    [InlineData("Kestrel__Endpoints__web__Url=https://127.0.0.1:0", "Kestrel__Endpoints: Unable to configure HTTPS endpoint.")]
    public async Task An_address_that_cannot_be_listened_on_is_one_line(string setting, string reason)
    {
        // A developer's certificate would be in the home of whoever runs the tests.
        using var home = new TemporaryDirectory();
        using var service = ServiceProcess.Begin("Middleware.Api", setting, RunningMiddleware.InMemory, $"HOME={home.Path}");

        Assert.StartsWith(reason, Assert.Single(await ReasonsOf(service)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_that_is_in_use_is_one_line()
    {
        using var listener = TcpListener.Create(0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);

        using var service = ServiceProcess.Begin("Middleware.Api", $"PORT={port}", RunningMiddleware.InMemory);

        Assert.Matches(
            $@"^PORT: Failed to bind to address http://\S+:{port}: address already in use\. Stop what listens there or give another port\.$",
            Assert.Single(await ReasonsOf(service)));
    }

    private static async Task Refuses(string[] settings, params string[] lines)
    {
        using var service = ServiceProcess.Begin("Middleware.Api", settings);

        Assert.Equal(lines, (await ReasonsOf(service)).Order(StringComparer.Ordinal));
    }

    /// <summary>The lines with which a service that does not start ends, all that it writes.</summary>
    private static async Task<IEnumerable<string>> ReasonsOf(ServiceProcess service)
    {
        Assert.Equal(1, await service.ExitCodeAsync());
        Assert.Empty(service.Output);
        return service.Reasons;
    }
}
