using Tests.Middleware.Crash;
using Tests.Middleware.Telemetry;
using Tests.Supply;
using Tests.Words;

namespace Tests.Deployment;

[Trait("Speed", "Slow")]
public class WatchingTheService
{
    [Fact(Timeout = CrashStage.TestLimit)]
    [RunsNatively]
    public async Task Every_metric_that_the_dashboard_and_the_alerts_name_is_one_that_a_running_service_has()
    {
        Assert.NotEmpty(Observability.DashboardExpressions);
        Assert.NotEmpty(Observability.Alerts);
        var scrape = await ScrapeAfterTraffic();

        var named = Observability.DashboardExpressions.Concat(Observability.Alerts.Select(static alert => alert.Expression)).SelectMany(PromQl.Metrics);

        Assert.All(named.Distinct(), metric => Assert.Contains(metric, scrape.Names));
    }

    [Theory(Timeout = CrashStage.TestLimit)]
    [InlineData]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:9")]
    [RunsNatively]
    public async Task Prometheus_finds_no_fault_with_what_is_scraped(params string[] settings)
    {
        var scrape = await ScrapeAfterTraffic(settings);
        Assert.Equal((0, ""), await Command.RunAsync(Prose.Root, Tool.Find("promtool"), ["check", "metrics"], scrape.Text));
    }

    [Fact]
    public void Every_alert_has_a_test_in_which_it_fires_and_one_in_which_it_does_not() => Assert.All(
        Observability.Alerts,
        static alert => Assert.Equal([false, true], Observability.RuleTests.Where(test => test.Alert == alert.Name).Select(static test => test.Fires).Distinct().Order()));

    [Fact]
    public void Every_alert_names_its_section_of_the_operations_manual()
    {
        var sections = Observability.Read("operations.md").Split('\n')
            .Where(static line => line.StartsWith('#'))
            .Select(static line => "docs/operations.md#" + line.TrimStart('#').Trim().ToLowerInvariant().Replace(":", "", StringComparison.Ordinal).Replace(' ', '-'))
            .ToHashSet();

        Assert.All(Observability.Alerts, alert => Assert.Contains(alert.Runbook, sections));
        Assert.All(Observability.Alerts, static alert => Assert.Equal($"docs/operations.md#alert-{alert.Name.ToLowerInvariant()}", alert.Runbook));
    }

    /// <summary>The metrics of a service that accepted, refused, delivered and gave up.</summary>
    private static async Task<Scrape> ScrapeAfterTraffic(params string[] settings)
    {
        using var data = new TemporaryDirectory();
        await using var receiver = await CountingReceiver.StartAsync();
        using var service = await CrashStage.StartAsync(data.Path, receiver.Address, ["MAX_RETRIES=0", .. settings]);
        using var load = new EventLoad(service.Address);
        using var http = new HttpClient { BaseAddress = service.Address };
        await load.SendAsync(5);
        await Scrape.Until(http, """integration_delivery_attempts_total{endpoint="default",outcome="delivered"}""", 5);

        receiver.Status = 503;
        await load.SendAsync(2);
        await load.PostAsync("{}");
        var scrape = await Scrape.Until(http, """integration_deadletters_total{endpoint="default",reason="http_503"}""", 2);
        Assert.Equal(0, await service.StopAsync());
        return scrape;
    }
}
