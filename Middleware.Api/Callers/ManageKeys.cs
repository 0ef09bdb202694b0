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
        InForce(await store.LoadAsync());
        _notedAt = clock.GetUtcNow();
    }

    /// <summary>Puts the changes of other replicas in force.</summary>
    public Task FollowAsync() => store.HasReplicas ? OneAtATimeAsync(() => Task.FromResult(false), static isMade => isMade) : Task.CompletedTask;

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
        if (!await store.SaveAsync(made, before: null, by))
        {
            return null;
        }

        Made(made.Id, made.Name, by.ToString());
        return (InForce(made, lastUsedAt: null), text);
    }, static made => made is not null);

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
        if (!await store.SaveAsync(rotated, before.Key, by))
        {
            return null;
        }

        Rotated(id, by.ToString());
        return (InForce(rotated, before.LastUsedAt), text);
    }, static made => made is not null);

    /// <summary>Revokes a key: the next request with it is refused. False for an id that is not known.</summary>
    public Task<bool> RemoveAsync(string id, Actor by) => OneAtATimeAsync(async () =>
    {
        if (ring.Find(id) is null || !await store.RemoveAsync(id, by))
        {
            return false;
        }

        ring.Set([.. ring.All.Where(caller => caller.Key.Id != id)]);
        Revoked(id, by.ToString());
        return true;
    }, static isMade => isMade);

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

    /// <summary>Makes one change after the other. One that is not made is tried again when another replica had changed something that was not known here.</summary>
    private async Task<T> OneAtATimeAsync<T>(Func<Task<T>> change, Func<T, bool> isMade)
    {
        await _one.WaitAsync();
        try
        {
            var result = await change();
            while (!isMade(result) && await store.ReadChangedAsync() is { } all)
            {
                InForce(all);
                result = await change();
            }

            return result;
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>Puts keys in force in the place of all. The holder of a key that is as it was stays, with its rate and its last use.</summary>
    private void InForce(IReadOnlyList<(ApiKey Key, DateTimeOffset? LastUsedAt)> all) => ring.Set([
        .. from kept in all
           let known = ring.Find(kept.Key.Id)
           select known is not null && known.Key.Digest.Span.SequenceEqual(kept.Key.Digest.Span) ? known.UsedAlso(kept.LastUsedAt) : new KeyCaller(kept.Key, kept.LastUsedAt),
    ]);

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
