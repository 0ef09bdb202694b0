using Middleware.Events;
using ServiceDefaults.Settings;

namespace Middleware.Endpoints;

/// <summary>The settings of an endpoint that names no others.</summary>
internal sealed record EndpointDefaults(int Workers, int QueueSize, RetryPlan Retries, RedeliverySchedule Redelivery)
{
    public const int MostWorkers = 1_000;
    public const int LargestQueue = 100_000_000;
    public const int MostRetries = 10;
    public const int LongestSchedule = 20;

    /// <summary>The age of an event from which on it is not sent any more; null for none.</summary>
    public TimeSpan? MaxAge { get; init; }

    public static readonly (string Least, string Most) Timeouts = ("10ms", "5m");
    public static readonly (string Least, string Most) BaseDelays = ("0s", "1m");
    public static readonly (string Least, string Most) BatchWaits = ("0s", "1m");
    public static readonly (string Least, string Most) RedeliveryDelays = ("1ms", "30d");
    public static readonly (string Least, string Most) MaxAges = ("1s", "30d");

    public static EndpointDefaults Read(SettingsReader settings) => new(
        settings.Whole(Setting.WorkerCount.Name, Setting.WorkerCount.Default, 1, MostWorkers),
        settings.Whole(Setting.QueueSize.Name, Setting.QueueSize.Default, 1, LargestQueue),
        new RetryPlan(
            settings.Duration(Setting.HttpTimeout.Name, Setting.HttpTimeout.Default, Timeouts.Least, Timeouts.Most),
            settings.Whole(Setting.MaxRetries.Name, Setting.MaxRetries.Default, 0, MostRetries),
            settings.Duration(Setting.BaseDelay.Name, Setting.BaseDelay.Default, BaseDelays.Least, BaseDelays.Most)),
        new RedeliverySchedule(settings.Durations(
            Setting.RedeliverySchedule.Name, Setting.RedeliverySchedule.Default, RedeliveryDelays.Least, RedeliveryDelays.Most, LongestSchedule)))
    {
        MaxAge = settings.IsGiven(Setting.MaxAge.Name) ? settings.Duration(Setting.MaxAge.Name, MaxAges.Most, MaxAges.Least, MaxAges.Most) : null,
    };
}

/// <summary>The endpoint <c>default</c>, as the environment describes it; none when <c>EXTERNAL_ENDPOINT_URL</c> is empty.</summary>
internal sealed record BuiltInEndpoint(WebhookEndpoint? Endpoint)
{
    private const string Default = "http://localhost:8081/external/alerts";

    public static BuiltInEndpoint Read(SettingsReader settings)
    {
        var url = settings.HttpUrl("EXTERNAL_ENDPOINT_URL", Default, Default);
        var defaults = EndpointDefaults.Read(settings);

        return new(url is null ? null : new WebhookEndpoint
        {
            Id = EndpointId.Default,
            Name = EndpointId.Default.Value,
            Origin = EndpointOrigin.BuiltIn,
            Url = WebhookUrl.AsSent(url.OriginalString),
            Workers = defaults.Workers,
            Queue = new QueueLimit(defaults.QueueSize, WhenFull.Reject),
            Retries = defaults.Retries,
            Redelivery = defaults.Redelivery,
            MaxAge = defaults.MaxAge,
        });
    }
}
