using Middleware.Domain;
using ServiceDefaults.Settings;

namespace Middleware.UseCases;

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
        });
    }
}
