using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Internal;
using Middleware.Domain;
using Middleware.Outbound;
using Middleware.UseCases;

namespace Tests.Middleware.Outbound;

/// <summary>The delivery client as the service has it, with its time in the test's hands.</summary>
internal sealed class Sender : IAsyncDisposable
{
    /// <summary>Pauses end at once; the time-out of a try (3 s) does not.</summary>
    public static readonly TimeSpan Pauses = TimeSpan.FromSeconds(2);

    private readonly ServiceProvider _services;

    public Sender(TestClock clock, params (string Name, string Value)[] settings)
        : this(clock, null, settings)
    {
    }

    /// <summary>With a resolver in the place of the machine's; in the environment <c>Production</c>, unless a setting <c>ENVIRONMENT</c> says another.</summary>
    public Sender(TestClock clock, HostResolver? resolver, params (string Name, string Value)[] settings)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Name, (string?)setting.Value)))
            .Build();
        var services = new ServiceCollection()
            .AddSingleton<IConfiguration>(configuration)
            .AddSingleton<IHostEnvironment>(new HostingEnvironment { EnvironmentName = configuration["ENVIRONMENT"] ?? Environments.Production })
            .AddSingleton<TimeProvider>(clock)
            .AddLogging()
            .AddServiceDiscovery()
            .AddOutbound();
        if (resolver is not null)
        {
            services.AddSingleton(resolver);
        }

        _services = services.BuildServiceProvider();
    }

    public IDeliveryClient Client => _services.GetRequiredService<IDeliveryClient>();

    public Task<DeliveryOutcome> Send(Uri url, int maxRetries = 3, IntegrationEvent? sent = null, CancellationToken? cancellation = null) =>
        Send(Endpoint(url, maxRetries), sent, cancellation);

    public Task<DeliveryOutcome> Send(WebhookEndpoint endpoint, IntegrationEvent? sent = null, CancellationToken? cancellation = null)
    {
        return Client.SendAsync(
            Delivery.Of(sent ?? Made.Event(), 1, endpoint.Id), endpoint, new StopSignals(default, cancellation ?? Waiting.Cancellation)).InTime();
    }

    public static WebhookEndpoint Endpoint(Uri url, int maxRetries) => Made.Endpoint(
        url: url, retries: new RetryPlan(TimeSpan.FromSeconds(3), maxRetries, TimeSpan.FromMilliseconds(500)));

    public ValueTask DisposeAsync() => _services.DisposeAsync();
}
