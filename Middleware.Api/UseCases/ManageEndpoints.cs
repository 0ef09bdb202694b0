using System.Security.Cryptography;
using Middleware.Domain;

namespace Middleware.UseCases;

/// <summary>Registers, changes and deletes endpoints: what is kept is in force when the answer is given.</summary>
internal sealed partial class ManageEndpoints(
    IEndpointStore store, EndpointRegistry registry, EndpointLimits limits, TimeProvider clock, ILogger<ManageEndpoints> logger) : IDisposable
{
    // Changes are rare; one at a time the registry follows the store in its order.
    private readonly SemaphoreSlim _one = new(1);
    private readonly Dictionary<EndpointId, RegisteredEndpoint> _known = [];

    /// <summary>Told of an endpoint that was enabled and is not any more: returns at once and does not throw.</summary>
    public event Action<WebhookEndpoint>? Disabled;

    /// <summary>Puts what the store has into the registry, before the lanes are made.</summary>
    public async Task LoadAsync()
    {
        foreach (var endpoint in await store.LoadAsync())
        {
            Know(endpoint);
        }
    }

    /// <summary>
    /// All there are: the built-in one, those of the configuration by name, those that were registered, oldest first. At most <paramref name="limit"/>
    /// of those that come after <paramref name="after"/>.
    /// </summary>
    public IReadOnlyList<RegisteredEndpoint> All(EndpointPlace? after = null, int limit = int.MaxValue)
    {
        // Sorted outside: each change and each look at an endpoint waits for what is done under the lock.
        RegisteredEndpoint[] all;
        lock (_known)
        {
            all = [.. _known.Values];
        }

        return [.. all
            .Where(known => after is not { } place || EndpointPlace.Of(known.Endpoint).CompareTo(place) > 0)
            .OrderBy(static known => EndpointPlace.Of(known.Endpoint))
            .Take(limit)];
    }

    public RegisteredEndpoint? Find(EndpointId id)
    {
        lock (_known)
        {
            return _known.GetValueOrDefault(id);
        }
    }

    /// <summary>A secret nobody knows yet.</summary>
    public static WebhookSecret NewSecret() => WebhookSecret.Generate(RandomNumberGenerator.GetBytes);

    /// <summary>Registers an endpoint.</summary>
    public async Task<EndpointChange> AddAsync(WebhookEndpoint endpoint)
    {
        var now = clock.GetUtcNow();
        var added = new RegisteredEndpoint { Endpoint = endpoint, Version = 1, CreatedAt = now, ChangedAt = now };
        await _one.WaitAsync();
        try
        {
            if (registry.Count >= limits.MostEndpoints)
            {
                return new EndpointChange(null) { MostEndpoints = limits.MostEndpoints };
            }

            if (FallbackChain.FaultIn(endpoint, registry.Find) is { } fault)
            {
                return new EndpointChange(null, fault);
            }

            return await store.SaveAsync(added)
                ? new EndpointChange(InForce(added))
                : throw new InvalidOperationException($"The endpoint {endpoint.Id} is there already.");
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>Changes an endpoint; nothing when it is gone or has another version than <paramref name="version"/> (null for whichever it has).</summary>
    public async Task<EndpointChange> ChangeAsync(EndpointId id, long? version, Func<WebhookEndpoint, WebhookEndpoint> change)
    {
        await _one.WaitAsync();
        try
        {
            if (Find(id) is not { } known || known.Version != (version ?? known.Version))
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
                : new EndpointChange(await SaveAsync(known, changed));
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>Deletes an endpoint that has this version (null for whichever it has); what waits for it is cleared behind this (<see cref="ClearDeleted"/>).</summary>
    public async Task<EndpointRemoval> RemoveAsync(EndpointId id, long? version, bool deadLetterWaiting)
    {
        await _one.WaitAsync();
        try
        {
            if (IsFallback(id))
            {
                return EndpointRemoval.IsFallback;
            }

            if ((version ?? Find(id)?.Version) is not { } removed)
            {
                return EndpointRemoval.VersionDiffers;
            }

            var removal = await store.RemoveAsync(id, removed, deadLetterWaiting);
            if (removal == EndpointRemoval.Removed)
            {
                lock (_known)
                {
                    _known.Remove(id);
                }

                registry.Remove(id);
                Removed(id.Value);
            }

            return removal;
        }
        finally
        {
            _one.Release();
        }
    }

    public void Dispose() => _one.Dispose();

    private bool IsFallback(EndpointId id)
    {
        lock (_known)
        {
            return _known.Values.Any(known => known.Endpoint.FallbackId == id);
        }
    }

    /// <summary>Null when the store has another version.</summary>
    private async Task<RegisteredEndpoint?> SaveAsync(RegisteredEndpoint known, WebhookEndpoint changed)
    {
        var next = known with { Endpoint = changed, Version = known.Version + 1, ChangedAt = clock.GetUtcNow() };
        if (!await store.SaveAsync(next))
        {
            return null;
        }

        InForce(next);
        if (known.Endpoint.IsEnabled && changed.Disabled is { } reason)
        {
            NowDisabled(changed.Id.Value, changed.Name, reason.Name());
            Disabled?.Invoke(changed);
        }

        return next;
    }

    private RegisteredEndpoint InForce(RegisteredEndpoint endpoint)
    {
        Know(endpoint);
        Changed(endpoint.Endpoint.Id.Value, endpoint.Version, endpoint.Endpoint.IsEnabled);
        return endpoint;
    }

    private void Know(RegisteredEndpoint endpoint)
    {
        lock (_known)
        {
            _known[endpoint.Endpoint.Id] = endpoint;
        }

        registry.Set(endpoint.Endpoint);
    }

    [LoggerMessage(LogLevel.Information, "endpoint registered or changed")]
    private partial void Changed(string endpoint, long version, bool enabled);

    [LoggerMessage(LogLevel.Warning, "endpoint disabled: its events wait until it is enabled")]
    private partial void NowDisabled(string endpoint, string name, string reason);

    [LoggerMessage(LogLevel.Information, "endpoint deleted")]
    private partial void Removed(string endpoint);
}
