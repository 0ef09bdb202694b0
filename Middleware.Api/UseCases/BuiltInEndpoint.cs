using Middleware.Domain;
using ServiceDefaults.Settings;

namespace Middleware.UseCases;

/// <summary>The endpoint <c>default</c>, as the environment describes it; none when <c>EXTERNAL_ENDPOINT_URL</c> is empty.</summary>
internal sealed record BuiltInEndpoint(WebhookEndpoint? Endpoint)
{
    public static BuiltInEndpoint Read(SettingsReader settings)
    {
        var url = settings.HttpUrl("EXTERNAL_ENDPOINT_URL", "http://localhost:8081/external/alerts");
        var queueSize = settings.Whole("QUEUE_SIZE", 1_000, 1, 100_000_000);
        var workers = settings.Whole("WORKER_COUNT", 10, 1, 1_000);
        var retries = new RetryPlan(
            settings.Duration("HTTP_TIMEOUT", "3s", "10ms", "5m"),
            settings.Whole("MAX_RETRIES", 3, 0, 10),
            settings.Duration("BASE_DELAY", "500ms", "0s", "1m"));

        var redelivery = new RedeliverySchedule(settings.Durations("REDELIVERY_SCHEDULE", "1m,5m,15m,1h,3h,6h,12h", "1ms", "30d", mostEntries: 20));

        return new(url is null ? null : new WebhookEndpoint
        {
            Id = EndpointId.Default,
            Url = url,
            Workers = workers,
            Queue = new QueueLimit(queueSize, WhenFull.Reject),
            Retries = retries,
            Redelivery = redelivery,
        });
    }
}
