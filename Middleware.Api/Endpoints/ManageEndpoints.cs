using System.Security.Cryptography;
using Middleware.Events;

namespace Middleware.Endpoints;

/// <summary>Registers, changes and deletes endpoints: a kept change is in force when the answer is given.</summary>
internal sealed partial class ManageEndpoints(
    IEndpointStore store, EndpointRegistry registry, EndpointLimits limits, TimeProvider clock, ILogger<ManageEndpoints> logger) : IDisposable
{
    /// <summary>The times that a change is judged anew because of others.</summary>
    private const int MostAgain = 50;

    // Changes are rare; one at a time the registry follows the store in its order.
    private readonly SemaphoreSlim _one = new(1);

    /// <summary>Loads the store's endpoints into the registry, before the lanes are made.</summary>
    public async Task LoadAsync()
    {
        foreach (var endpoint in await store.LoadAsync())
        {
            registry.Set(endpoint);
        }
    }

    public static WebhookSecret NewSecret() => WebhookSecret.Generate(RandomNumberGenerator.GetBytes);

    /// <summary>Puts the changes of other replicas in force; false when there are none.</summary>
    public async Task<bool> FollowAsync()
    {
        if (!store.HasReplicas)
        {
            return false;
        }

        await _one.WaitAsync();
        try
        {
            return await TakeInAsync();
        }
        finally
        {
            _one.Release();
        }
    }

    public Task<EndpointChange> AddAsync(WebhookEndpoint endpoint, Actor by)
    {
        var now = clock.GetUtcNow();
        var added = new RegisteredEndpoint { Endpoint = endpoint, Version = 1, CreatedAt = now, ChangedAt = now };
        return OneAtATimeAsync(async () =>
        {
            if (registry.Count >= limits.MostEndpoints)
            {
                return new EndpointChange(null) { MostEndpoints = limits.MostEndpoints };
            }

            if (FallbackChain.FaultIn(endpoint, registry.Find) is { } fault)
            {
                return new EndpointChange(null, fault);
            }

            return await store.SaveAsync(added, before: null, by) ? new EndpointChange(InForce(added))
                : store.HasReplicas ? default
                : throw new InvalidOperationException($"The endpoint {endpoint.Id} is there already.");
        }, static change => change.Endpoint is not null);
    }

    /// <summary>Changes an endpoint. Changes nothing when it is gone or has another version than <paramref name="version"/> (null for any).</summary>
    /// <param name="id">The endpoint.</param>
    /// <param name="version">The version it must have; null for any.</param>
    /// <param name="change">Makes the change; called again when another replica changed something meanwhile.</param>
    /// <param name="by">The originator.</param>
    public Task<EndpointChange> ChangeAsync(EndpointId id, long? version, Func<WebhookEndpoint, WebhookEndpoint> change, Actor by) => OneAtATimeAsync(async () =>
    {
        if (registry.FindRegistered(id) is not { } known || known.Version != (version ?? known.Version))
        {
            return default;
        }

        var changed = change(known.Endpoint);
        if (ReferenceEquals(changed, known.Endpoint))
        {
            return new EndpointChange(known);
        }

        return FallbackChain.FaultIn(changed, registry.Find) is { } fault
            ? new EndpointChange(null, fault)
            : new EndpointChange(await SaveAsync(known, changed, by));
    }, static change => change.Endpoint is not null);

    /// <summary>Deletes an endpoint that has this version (null for any). <see cref="ClearDeleted"/> clears its deliveries behind this.</summary>
    public Task<EndpointRemoval> RemoveAsync(EndpointId id, long? version, bool deadLetterWaiting, Actor by) => OneAtATimeAsync(async () =>
    {
        if (registry.All.Any(endpoint => endpoint.FallbackId == id))
        {
            return EndpointRemoval.IsFallback;
        }

        if ((version ?? registry.FindRegistered(id)?.Version) is not { } removed)
        {
            return EndpointRemoval.VersionDiffers;
        }

        var removal = await store.RemoveAsync(id, removed, deadLetterWaiting, by);
        if (removal == EndpointRemoval.Removed)
        {
            registry.Remove(id);
            Removed(id.Value);
        }

        return removal;
    }, static removal => removal == EndpointRemoval.Removed);

    public void Dispose() => _one.Dispose();

    /// <summary>Keeps a change and puts it in force. Null when the store refuses it: see <see cref="IEndpointStore.SaveAsync"/>. Changes come one at a time.</summary>
    public async Task<RegisteredEndpoint?> SaveAsync(RegisteredEndpoint known, WebhookEndpoint changed, Actor by)
    {
        var next = known with { Endpoint = changed, Version = known.Version + 1, ChangedAt = clock.GetUtcNow() };
        if (!await store.SaveAsync(next, known.Endpoint, by))
        {
            return null;
        }

        InForce(next);
        if (known.Endpoint.IsEnabled && changed.Disabled is { } reason)
        {
            NowDisabled(changed.Id.Value, changed.Name, reason.Name());
        }

        return next;
    }

    /// <summary>Makes one change after the other. One that fails is judged again when another replica had changed something that was not known here.</summary>
    private async Task<T> OneAtATimeAsync<T>(Func<Task<T>> change, Func<T, bool> isMade)
    {
        await _one.WaitAsync();
        try
        {
            var result = await change();
            for (var again = 0; !isMade(result) && await TakeInAsync(); again++)
            {
                result = again < MostAgain ? await change() : throw new StoreUnavailableException("Other replicas change endpoints all the time; nothing was changed.");
            }

            return result;
        }
        finally
        {
            _one.Release();
        }
    }

    private async Task<bool> TakeInAsync()
    {
        if (await store.ReadChangesAsync(() => registry.List()) is not { } changes)
        {
            return false;
        }

        foreach (var endpoint in changes.Set)
        {
            registry.Set(endpoint, byAnother: true);
        }

        foreach (var removed in changes.Removed)
        {
            registry.Remove(removed);
        }

        TakenIn(changes.Set.Count, changes.Removed.Count);
        foreach (var (id, fault) in changes.Unreadable)
        {
            Unreadable(id.Value, fault);
        }

        return true;
    }

    private RegisteredEndpoint InForce(RegisteredEndpoint endpoint)
    {
        registry.Set(endpoint);
        Changed(endpoint.Endpoint.Id.Value, endpoint.Version, endpoint.Endpoint.IsEnabled);
        return endpoint;
    }

    [LoggerMessage(LogLevel.Information, "endpoint registered or changed")]
    private partial void Changed(string endpoint, long version, bool enabled);

    [LoggerMessage(LogLevel.Warning, "endpoint disabled: its events wait until it is enabled")]
    private partial void NowDisabled(string endpoint, string name, string reason);

    [LoggerMessage(LogLevel.Debug, "changes of endpoints by other replicas are in force")]
    private partial void TakenIn(int changed, int removed);

    [LoggerMessage(LogLevel.Error, "endpoint cannot be read from the store: it stays as it was")]
    private partial void Unreadable(string endpoint, string error);

    [LoggerMessage(LogLevel.Information, "endpoint deleted")]
    private partial void Removed(string endpoint);
}

/// <summary>The result of a change.</summary>
/// <param name="Endpoint">The endpoint after the change; null when it could not be changed.</param>
/// <param name="FallbackFault">The fault of its fallback; null for none.</param>
internal readonly record struct EndpointChange(RegisteredEndpoint? Endpoint, string? FallbackFault = null)
{
    /// <summary>The limit of endpoints when it is reached; null while there is room.</summary>
    public int? MostEndpoints { get; init; }
}
