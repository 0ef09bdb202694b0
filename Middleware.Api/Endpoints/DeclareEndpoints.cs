using System.Collections.Frozen;
using Middleware.Events;
using Middleware.Filtering;
using ServiceDefaults;
using ServiceDefaults.Settings;

namespace Middleware.Endpoints;

/// <summary>Registers the endpoints that the configuration declares when the service starts.</summary>
internal sealed partial class DeclareEndpoints(
    IEndpointStore store,
    EndpointRegistry registry,
    ManageEndpoints manage,
    EndpointLimits limits,
    ConfigGeneration generation,
    TimeProvider clock,
    ILogger<DeclareEndpoints> logger)
{
    private FrozenDictionary<EndpointId, WebhookEndpoint> _declared = FrozenDictionary<EndpointId, WebhookEndpoint>.Empty;

    /// <summary>False when a configuration of a higher generation is in force, and that of this start was not applied.</summary>
    public bool IsApplied { get; private set; } = true;

    /// <summary>An endpoint as it was declared when the service started; null for any other.</summary>
    public WebhookEndpoint? Find(EndpointId id) => _declared.GetValueOrDefault(id);

    /// <summary>
    /// Adds or changes the declared endpoints, after the store's were loaded and before the lanes are made. An endpoint that is declared no more is
    /// disabled, so that a lost configuration loses no event; the built-in one then gets no new events. States of the running service stay: a disabled
    /// endpoint, and the secret of an endpoint that declares none.
    /// </summary>
    /// <exception cref="StartRefusedException">A fallback is no endpoint or goes round in a circle, or there are too many endpoints.</exception>
    public async Task ExecuteAsync(IReadOnlyList<WebhookEndpoint> declared)
    {
        _declared = declared.ToFrozenDictionary(static endpoint => endpoint.Id);
        while ((IsApplied = await store.TryBeginAsync(generation.Number)) && !await TryDeclareAllAsync(declared))
        {
            // Another replica starts too, or an operator changed something there: declared anew on what is there now.
            if (!await manage.FollowAsync())
            {
                throw new InvalidOperationException("A declared endpoint cannot be saved.");
            }
        }

        if (!IsApplied)
        {
            NotApplied(generation.Number);
            _declared = registry.All.Where(static endpoint => endpoint.Origin != EndpointOrigin.Api).ToFrozenDictionary(static endpoint => endpoint.Id);
        }
    }

    /// <summary>False when another replica changed something that was not known here.</summary>
    private async Task<bool> TryDeclareAllAsync(IReadOnlyList<WebhookEndpoint> declared)
    {
        var wanted = declared.Select(endpoint => Continue(registry.Find(endpoint.Id), endpoint)).ToDictionary(static endpoint => endpoint.Id);
        foreach (var endpoint in wanted.Values)
        {
            if (FallbackChain.FaultIn(endpoint, id => wanted.GetValueOrDefault(id) ?? registry.Find(id)) is { } fault)
            {
                throw new StartRefusedException($"Endpoints__{endpoint.Id}__fallback_endpoint_id: \"{endpoint.FallbackId}\" is not accepted; {fault}.");
            }
        }

        var added = wanted.Keys.Count(id => registry.Find(id) is null);
        if (added > 0 && registry.Count + added > limits.MostEndpoints)
        {
            throw new StartRefusedException(
                $"MAX_ENDPOINTS: \"{limits.MostEndpoints}\" is not accepted; the store has {registry.Count} endpoints and the configuration adds {added}. "
                + "Give a larger number, or declare fewer endpoints.");
        }

        foreach (var endpoint in wanted.Values)
        {
            if (!await TryDeclareAsync(endpoint))
            {
                return false;
            }
        }

        foreach (var known in registry.List().Where(known => known.Endpoint.Origin != EndpointOrigin.Api && !wanted.ContainsKey(known.Endpoint.Id)))
        {
            if (!await TryUndeclareAsync(known))
            {
                return false;
            }
        }

        return true;
    }

    private async Task<bool> TryDeclareAsync(WebhookEndpoint endpoint)
    {
        if (registry.FindRegistered(endpoint.Id) is { } known)
        {
            return known.Endpoint == endpoint || await manage.SaveAsync(known, endpoint, Actor.Configuration) is not null;
        }

        var now = clock.GetUtcNow();
        var added = new RegisteredEndpoint { Endpoint = endpoint, Version = 1, CreatedAt = now, ChangedAt = now };
        while (!await store.SaveAsync(added, before: null, Actor.Configuration))
        {
            // An endpoint of this id was deleted and is not cleared yet: its deliveries are not for this one.
            if (await store.ClearDeletedAsync(ClearDeleted.AtOnce) is null)
            {
                return store.HasReplicas ? false : throw new InvalidOperationException($"The endpoint {endpoint.Id} is there already.");
            }
        }

        registry.Set(added);
        return true;
    }

    private async Task<bool> TryUndeclareAsync(RegisteredEndpoint known)
    {
        // An empty EXTERNAL_ENDPOINT_URL is meant: it keeps the deliveries that wait, and gets no new ones.
        var filter = known.Endpoint.IsBuiltIn ? EventFilter.Nothing : known.Endpoint.Filter;
        return (!known.Endpoint.IsEnabled && known.Endpoint.Filter == filter)
            || await manage.SaveAsync(known, known.Endpoint with { Disabled = known.Endpoint.Disabled ?? DisabledReason.Configuration, Filter = filter }, Actor.Configuration) is not null;
    }

    private WebhookEndpoint Continue(WebhookEndpoint? known, WebhookEndpoint declared) => known is null ? declared : declared with
    {
        Disabled = declared.Disabled ?? (known.Disabled == DisabledReason.Configuration ? null : known.Disabled),
        Layout = known.Layout.To(declared.Layout.Shards),
        Secrets = declared.SecretReference is not null ? null : declared.Secrets is { } secrets ? known.Secrets?.Rotate(secrets.Current, clock.GetUtcNow()) ?? secrets : known.Secrets,
    };

    [LoggerMessage(LogLevel.Warning, "endpoints of the configuration not applied: CONFIG_GENERATION is lower than that of the configuration in force")]
    private partial void NotApplied(long generation);
}

/// <summary>The number of the configuration of endpoints (<c>CONFIG_GENERATION</c>), which an operator raises with each change of it.</summary>
internal sealed record ConfigGeneration(long Number)
{
    public static ConfigGeneration Read(SettingsReader settings) => new(settings.Whole(Setting.ConfigGeneration.Name, Setting.ConfigGeneration.Default, 0, int.MaxValue));
}
