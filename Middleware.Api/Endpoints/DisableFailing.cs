using Middleware.Events;
using ServiceDefaults.Settings;

namespace Middleware.Endpoints;

/// <summary>Disables an endpoint that answered 410, or that failed for too long without a success. Its deliveries stay.</summary>
internal sealed partial class DisableFailing(
    IEndpointStore store, ManageEndpoints manage, DisableSettings settings, TimeProvider clock, ILogger<DisableFailing> logger)
{
    /// <summary>Judges an attempt to <paramref name="sentTo"/>, when it is recorded and before the next one.</summary>
    public ValueTask AfterAsync(WebhookEndpoint sentTo, Attempt attempt)
    {
        if (attempt.IsDelivered)
        {
            return ValueTask.CompletedTask;
        }

        if (attempt.StatusCode == StatusCodes.Status410Gone)
        {
            return DisableAsync(sentTo, DisabledReason.Gone);
        }

        return IsTooLong(store.FailingSince(sentTo.Id)) ? DisableAsync(sentTo, DisabledReason.Failing) : ValueTask.CompletedTask;
    }

    private bool IsTooLong(DateTimeOffset? since) => clock.GetUtcNow() - since >= settings.After;

    private async ValueTask DisableAsync(WebhookEndpoint sentTo, DisabledReason reason)
    {
        try
        {
            if (reason == DisabledReason.Failing && sentTo.Layout.Shards > 1 && !IsTooLong(await store.ReadFailingSinceAsync(sentTo.Id)))
            {
                // A shard that another replica serves had a success.
                return;
            }

            // An endpoint with another address has yet to answer.
            await manage.ChangeAsync(
                sentTo.Id, version: null, endpoint => endpoint.IsEnabled && endpoint.Url == sentTo.Url ? endpoint with { Disabled = reason } : endpoint, Actor.Service);
        }
        catch (StoreUnavailableException exception)
        {
            // Its next failure asks for it again.
            NotDisabled(sentTo.Id.Value, reason.Name(), exception.Message);
        }
    }

    [LoggerMessage(LogLevel.Warning, "endpoint not disabled: the store cannot be written")]
    private partial void NotDisabled(string endpoint, string reason, string error);
}

/// <summary>The time for which an endpoint may fail without one success before it is disabled (<c>AUTO_DISABLE_AFTER</c>).</summary>
internal sealed record DisableSettings(TimeSpan After)
{
    public static DisableSettings Read(SettingsReader settings) => new(settings.Duration(Setting.AutoDisableAfter.Name, Setting.AutoDisableAfter.Default, "1s", "3650d"));
}
