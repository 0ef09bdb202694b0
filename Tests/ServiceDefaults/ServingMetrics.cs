using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Exporter;

namespace Tests.ServiceDefaults;

public class ServingMetrics
{
    [Fact]
    public async Task Metrics_can_be_scraped_without_any_setting()
    {
        await using var host = await DefaultsHost.Start();

        using var answer = await host.Http.GetAsync("/metrics", Waiting.Cancellation);

        Assert.Equal((HttpStatusCode.OK, "text/plain"), (answer.StatusCode, answer.Content.Headers.ContentType?.MediaType));
        Assert.Contains("\ndotnet_process_memory_working_set_bytes{} ", await answer.Content.ReadAsStringAsync(Waiting.Cancellation), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_scraped_names_the_service()
    {
        await using var host = await DefaultsHost.Start();

        var text = await host.Http.GetStringAsync("/metrics", Waiting.Cancellation);

        Assert.Contains($"service_name=\"{host.App.Environment.ApplicationName}\"", Assert.Single(text.Split('\n'), static line => line.StartsWith("target_info{", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Metrics_are_read_and_nothing_else()
    {
        await using var host = await DefaultsHost.Start();

        await host.Http.PostAsync("/metrics", null, Waiting.Cancellation).HasStatus(HttpStatusCode.MethodNotAllowed);
    }

    [Fact]
    public async Task Scrapes_at_once_and_in_a_row_share_one_answer()
    {
        // The time within which they do is of the real clock: here it is longer than any test.
        await using var host = await DefaultsHost.Start(add: static services =>
            services.PostConfigure<PrometheusAspNetCoreOptions>(static options => options.ScrapeResponseCacheDurationMilliseconds *= 10_000));
        var (read, going, open) = (0, new TaskCompletionSource(), new TaskCompletionSource());
        var meter = host.App.Services.GetRequiredService<IMeterFactory>().Create("AspireIntegration.Test");
        meter.CreateObservableGauge("read", () =>
        {
            going.TrySetResult();
            open.Task.Wait(Waiting.Cancellation);
            return ++read;
        });

        var first = host.Http.GetStringAsync("/metrics", Waiting.Cancellation);
        await going.Task.InTime();
        var others = Enumerable.Range(0, 20).Select(_ => host.Http.GetStringAsync("/metrics", Waiting.Cancellation)).ToList();
        open.SetResult();

        var text = await first.InTime();
        Assert.Contains("\nread{} 1\n", text, StringComparison.Ordinal);
        Assert.All(await Task.WhenAll(others).InTime(), other => Assert.Equal(text, other));
        Assert.Equal(text, await host.Http.GetStringAsync("/metrics", Waiting.Cancellation));
        Assert.Equal(1, read);
    }

    [Fact]
    public async Task A_scrape_that_is_read_slowly_is_cut_off_and_does_not_hold_up_others()
    {
        var connection = new Connection();
        await using var host = await DefaultsHost.Start(app => app.Use((context, next) =>
        {
            context.Features.Set<IHttpMinResponseDataRateFeature>(connection);
            return next(context);
        }));

        await host.Http.GetStringAsync("/metrics", Waiting.Cancellation);

        Assert.Equal((65_536, TimeSpan.FromSeconds(5)), (connection.MinDataRate!.BytesPerSecond, connection.MinDataRate.GracePeriod));
    }

    [Fact]
    public async Task What_is_scraped_is_no_part_of_the_description_of_the_routes()
    {
        await using var host = await DefaultsHost.Start();

        var route = Assert.Single(host.App.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>(), static route => route.RoutePattern.RawText == "/metrics");

        Assert.True(route.Metadata.GetMetadata<IExcludeFromDescriptionMetadata>()?.ExcludeFromDescription);
    }

    /// <summary>Stands for Kestrel's, of which the test server has none.</summary>
    private sealed class Connection : IHttpMinResponseDataRateFeature
    {
        public MinDataRate? MinDataRate { get; set; }
    }
}
