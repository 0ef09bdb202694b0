using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using AspireIntegration.Client;
using AspireIntegration.Client.Publishing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Tests.Client;

public sealed class RegisteringClients : OnAClient
{
    [Fact]
    public async Task The_buffer_is_flushed_after_all_services_that_publish_have_stopped()
    {
        var builder = await BuilderAsync();
        builder.Services.AddHostedService<LastWords>();
        builder.AddAspireIntegrationClient("middleware");
        using var host = builder.Build();
        await host.StartAsync(Waiting.Cancellation);
        Assert.True(host.Services.GetRequiredService<EventBuffer>().TryEnqueue(OperatedMiddleware.Event("first")));

        await host.StopAsync(Waiting.Cancellation).InTime();

        var types = (await Client.Events.ListAsync(cancellationToken: Waiting.Cancellation)).Items.Select(static item => item.EventType);
        Assert.Equal(["last", "first"], types);
    }

    [Fact]
    public async Task What_is_left_when_the_time_of_the_host_is_over_is_reported()
    {
        var undelivered = new ConcurrentQueue<UndeliveredEvent>();
        var begun = new TaskCompletionSource();
        var builder = await BuilderAsync();
        Faulty.Then(FaultyService.Hang(begun));
        builder.AddAspireIntegrationClient("middleware", settings => settings.Buffer.OnUndelivered = undelivered.Enqueue);
        using var host = builder.Build();
        await host.StartAsync(Waiting.Cancellation);
        host.Services.GetRequiredService<EventBuffer>().TryEnqueue(OperatedMiddleware.Event("first"));
        await begun.Task.InTime();

        using var time = new CancellationTokenSource();
        var stopping = host.StopAsync(time.Token);
        await time.CancelAsync();
        await stopping.ContinueWith(static _ => { }, TaskScheduler.Default).InTime();

        Assert.Equal("first", Assert.Single(undelivered).Event.EventType);
    }

    [Fact]
    public async Task Keyed_clients_are_each_of_their_own_service()
    {
        var builder = await BuilderAsync();
        builder.Configuration["ConnectionStrings:other"] = "Endpoint=http://other.test;Key=k";
        builder.AddKeyedAspireIntegrationClient("middleware");
        builder.AddKeyedAspireIntegrationClient("other");
        using var host = builder.Build();

        await host.Services.GetRequiredKeyedService<EventPublisher>("middleware").PublishAsync(OperatedMiddleware.Event(), Waiting.Cancellation);

        Assert.NotSame(host.Services.GetRequiredKeyedService<EventBuffer>("middleware"), host.Services.GetRequiredKeyedService<EventBuffer>("other"));
        Assert.Null(host.Services.GetService<AspireIntegrationClient>());
        Assert.Equal(
            ["AspireIntegration.Client_middleware", "AspireIntegration.Client_other"],
            host.Services.GetRequiredService<Microsoft.Extensions.Options.IOptions<HealthCheckServiceOptions>>().Value.Registrations.Select(static check => check.Name));
    }

    [Fact]
    public async Task The_name_is_resolved_by_service_discovery()
    {
        await StartFaultyAsync();
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration["services:middleware:http:0"] = Faulty.Address.ToString();
        builder.AddAspireIntegrationClient("middleware");
        using var host = builder.Build();

        await host.Services.GetRequiredService<EventPublisher>().PublishAsync(OperatedMiddleware.Event(), Waiting.Cancellation);

        Assert.Single(Seen);
    }

    [Fact]
    public async Task Retries_of_the_applications_defaults_repeat_no_change()
    {
        var builder = await BuilderAsync();
        Faulty.Then(FaultyService.Refuse(503));
        builder.Services.ConfigureHttpClientDefaults(static http => http.AddStandardResilienceHandler(static retry => retry.Retry.Delay = TimeSpan.FromMilliseconds(1)));
        builder.AddAspireIntegrationClient("middleware");
        using var host = builder.Build();

        var client = host.Services.GetRequiredService<AspireIntegrationClient>();
        await Assert.ThrowsAsync<AspireIntegrationException>(() => client.Endpoints.CreateAsync(OperatedMiddleware.Endpoint(), Waiting.Cancellation));

        Assert.Single(Seen);
    }

    [Theory]
    [InlineData("healthy", 200, HealthStatus.Healthy)]
    [InlineData("degraded", 200, HealthStatus.Degraded)]
    [InlineData("unhealthy", 503, HealthStatus.Unhealthy)]
    [InlineData("", 502, HealthStatus.Unhealthy)]
    public async Task The_health_check_is_that_of_the_service(string status, int code, HealthStatus expected)
    {
        var builder = await BuilderAsync();
        Faulty.Then((context, request) =>
        {
            Assert.Equal("/health/ready", request.Path);
            context.Response.StatusCode = code;
            return FaultyService.Answer($$"""{"status":"{{status}}"}""")(context, request);
        });
        builder.AddAspireIntegrationClient("middleware");
        builder.AddAspireIntegrationClient("middleware");
        using var host = builder.Build();

        var report = await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(Waiting.Cancellation);

        Assert.Equal(("AspireIntegration.Client_middleware", expected), (Assert.Single(report.Entries).Key, report.Status));
    }

    [Fact]
    public async Task What_is_disabled_is_not_registered()
    {
        var builder = await BuilderAsync();
        builder.AddAspireIntegrationClient("middleware", static settings => (settings.DisableHealthChecks, settings.DisableTracing, settings.DisableMetrics) = (true, true, true));
        using var host = builder.Build();

        Assert.Null(host.Services.GetService<HealthCheckService>());
        Assert.DoesNotContain(builder.Services, static service => service.ServiceType.FullName!.StartsWith("OpenTelemetry", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_wrong_setting_ends_the_start()
    {
        var builder = await BuilderAsync();
        builder.Configuration["Aspire:AspireIntegration:Client:Retry:Limit"] = "soon";

        Assert.Contains("\"soon\"", Assert.Throws<InvalidOperationException>(() => builder.AddAspireIntegrationClient("middleware")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Publications_have_spans_and_metrics()
    {
        var builder = await BuilderAsync();
        var (spans, points) = (new ConcurrentQueue<Activity>(), new ConcurrentQueue<(string Name, double Value, string? Error)>());
        var port = Faulty.Address.Port;
        using var listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == "AspireIntegration.Client",
            Sample = static (ref _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = span =>
            {
                if ((int)span.GetTagItem("server.port")! == port)
                {
                    spans.Enqueue(span);
                }
            },
        };
        ActivitySource.AddActivityListener(listener);
        using var meters = new MeterListener { InstrumentPublished = static (instrument, self) => { if (instrument.Meter.Name == "AspireIntegration.Client") { self.EnableMeasurementEvents(instrument); } } };
        meters.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Note(instrument, value, tags));
        meters.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Note(instrument, value, tags));
        meters.Start();
        builder.AddAspireIntegrationClient("middleware");
        using var host = builder.Build();
        var publisher = host.Services.GetRequiredService<EventPublisher>();

        var accepted = await publisher.PublishAsync(OperatedMiddleware.Event(), Waiting.Cancellation);
        Faulty.Then(FaultyService.Refuse(400));
        await Assert.ThrowsAsync<AspireIntegrationException>(() => publisher.PublishBatchAsync([OperatedMiddleware.Event(), OperatedMiddleware.Event()], cancellationToken: Waiting.Cancellation));

        var (one, batch) = (spans.First(), spans.Last());
        Assert.Equal(("publish events", ActivityKind.Producer, "publish", "send"), (one.DisplayName, one.Kind, one.GetTagItem("messaging.operation.name"), one.GetTagItem("messaging.operation.type")));
        Assert.Equal((accepted.EventId, "127.0.0.1", ActivityStatusCode.Unset), (one.GetTagItem("messaging.message.id"), one.GetTagItem("server.address"), one.Status));
        Assert.Equal((2, "400", ActivityStatusCode.Error), (batch.GetTagItem("messaging.batch.message_count"), batch.GetTagItem("error.type"), batch.Status));
        Assert.Contains(one.TraceId.ToString(), Seen[0].TraceParent, StringComparison.Ordinal);
        Assert.Equal([null, "400"], points.Where(static point => point.Name == "messaging.client.operation.duration").Select(static point => point.Error));
        Assert.Equal([1], points.Where(static point => point.Name == "messaging.client.sent.messages").Select(static point => point.Value));

        void Note(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            var named = tags.ToArray().ToDictionary(static tag => tag.Key, static tag => tag.Value);
            if (named.GetValueOrDefault("server.port") is int of && of == port)
            {
                points.Enqueue((instrument.Name, value, (string?)named.GetValueOrDefault("error.type")));
            }
        }
    }

    private async Task<HostApplicationBuilder> BuilderAsync()
    {
        await StartFaultyAsync();
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration["ConnectionStrings:middleware"] = Faulty.Address.ToString();
        builder.Logging.ClearProviders();
        return builder;
    }

    /// <summary>A service that is registered before the client, and so stops after it.</summary>
    private sealed class LastWords(EventBuffer buffer) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken)
        {
            Assert.True(buffer.TryEnqueue(OperatedMiddleware.Event("last")));
            return Task.CompletedTask;
        }
    }
}
