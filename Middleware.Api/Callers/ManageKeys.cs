using Middleware.Events;
using Middleware.Filtering;
using Middleware.Http;
using ServiceDefaults.Limits;

namespace Middleware.Callers;

/// <summary>Makes, rotates and revokes API keys. A change is in force when the answer is given, and kept.</summary>
internal sealed partial class ManageKeys(AuthSettings settings, IKeyStore store, KeyRing ring, TokenKeys tokenKeys, TimeProvider clock, ILogger<ManageKeys> logger) : IDisposable
{
    /// <summary>The most keys there may be.</summary>
    public const int Most = 10_000;

    /// <summary>The pause between two notes of the last uses.</summary>
    public static readonly TimeSpan UsesInterval = TimeSpan.FromMinutes(1);

    // One change at a time: the ring follows the store in its order.
    private readonly SemaphoreSlim _one = new(1);
    private DateTimeOffset _notedAt;

    /// <summary>Puts the store's keys in force.</summary>
    public async Task LoadAsync()
    {
        ring.Set([.. (await store.LoadAsync()).Select(static kept => new KeyCaller(kept.Key, kept.LastUsedAt))]);
        _notedAt = clock.GetUtcNow();
    }

    /// <summary>Takes the admin key and the given keys of tokens from files that changed.</summary>
    public void Follow(AuthSettings changed)
    {
        ring.SetAdmin(changed.AdminDigest);
        tokenKeys.Set(changed.Tokens?.Keys);
    }

    /// <summary>Warns, at each start, of a service that asks nobody for a credential.</summary>
    public void WarnIfOff()
    {
        if (settings.IsOff)
        {
            AuthenticationIsOff();
        }
    }

    /// <summary>Makes a key; its text is known here alone. Null when there are as many as may be.</summary>
    public Task<(KeyCaller Made, string Text)?> AddAsync(KeyOrder order, Actor by) => OneAtATimeAsync<(KeyCaller Made, string Text)?>(async () =>
    {
        if (ring.All.Count() >= Most)
        {
            return null;
        }

        var text = KeyText.Generate();
        var made = new ApiKey
        {
            Id = KeyText.IdOf(text).ToString(),
            Name = order.Name,
            Digest = KeyText.DigestOf(text),
            Scopes = order.Scopes,
            Sources = order.Sources,
            Networks = order.Networks,
            Rate = order.Rate,
            CreatedAt = clock.GetUtcNow(),
            CreatedBy = by.Name,
            ExpiresAt = order.ExpiresAt,
        };
        await store.SaveAsync(made, before: null, by);
        Made(made.Id, made.Name, by.ToString());
        return (InForce(made, lastUsedAt: null), text);
    });

    /// <summary>Gives a key another text. The old one is good until <paramref name="overlap"/> has passed. Null for an id that is not known.</summary>
    public Task<(KeyCaller Made, string Text)?> RotateAsync(string id, TimeSpan overlap, Actor by) => OneAtATimeAsync<(KeyCaller Made, string Text)?>(async () =>
    {
        if (ring.Find(id) is not { } before)
        {
            return null;
        }

        var text = KeyText.Generate(id);
        var rotated = before.Key with
        {
            Digest = KeyText.DigestOf(text),
            Previous = overlap > TimeSpan.Zero ? new ReplacedKey(before.Key.Digest, clock.GetUtcNow() + overlap) : null,
        };
        await store.SaveAsync(rotated, before.Key, by);
        Rotated(id, by.ToString());
        return (InForce(rotated, before.LastUsedAt), text);
    });

    /// <summary>Revokes a key: the next request with it is refused. False for an id that is not known.</summary>
    public Task<bool> RemoveAsync(string id, Actor by) => OneAtATimeAsync(async () =>
    {
        if (!await store.RemoveAsync(id, by))
        {
            return false;
        }

        ring.Set([.. ring.All.Where(caller => caller.Key.Id != id)]);
        Revoked(id, by.ToString());
        return true;
    });

    /// <summary>Keeps the last uses since the last time.</summary>
    public async Task NoteUsesAsync(CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        List<(string, DateTimeOffset)> uses = [.. from caller in ring.All where caller.LastUsedAt >= _notedAt select (caller.Key.Id, caller.LastUsedAt!.Value)];
        if (uses.Count > 0)
        {
            await store.NoteUsesAsync(uses);
        }

        _notedAt = now;
    }

    public void Dispose() => _one.Dispose();

    private async Task<T> OneAtATimeAsync<T>(Func<Task<T>> change)
    {
        await _one.WaitAsync();
        try
        {
            return await change();
        }
        finally
        {
            _one.Release();
        }
    }

    private KeyCaller InForce(ApiKey key, DateTimeOffset? lastUsedAt)
    {
        var caller = new KeyCaller(key, lastUsedAt);
        ring.Set([.. ring.All.Where(other => other.Key.Id != key.Id), caller]);
        return caller;
    }

    [LoggerMessage(LogLevel.Warning, "authentication is off: everybody may do everything")]
    private partial void AuthenticationIsOff();

    [LoggerMessage(LogLevel.Warning, "API key made")]
    private partial void Made(string key, string name, string by);

    [LoggerMessage(LogLevel.Warning, "API key rotated")]
    private partial void Rotated(string key, string by);

    [LoggerMessage(LogLevel.Warning, "API key revoked")]
    private partial void Revoked(string key, string by);
}

/// <summary>The members of a key that is to be made.</summary>
internal sealed record KeyOrder(string Name, Scopes Scopes, NamePatterns Sources, IReadOnlyList<System.Net.IPNetwork> Networks, RequestRate? Rate, DateTimeOffset? ExpiresAt);
