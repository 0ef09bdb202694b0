using System.Collections.Frozen;
using System.Security.Cryptography;
using Middleware.Http;

namespace Middleware.Callers;

/// <summary>The API keys in force, and the admin key of the settings. A look-up takes no lock and allocates nothing.</summary>
internal sealed class KeyRing(AuthSettings settings, TimeProvider clock)
{
    private static readonly Caller Admin = new("admin", Scopes.All);

    // Compared where no key has the id, so that the answer takes as long.
    private static readonly ApiKey Nobody = new()
    {
        Id = "",
        Name = "",
        Digest = new byte[KeyText.DigestLength],
        Scopes = Scopes.None,
        CreatedAt = default,
        CreatedBy = "",
    };

    private volatile byte[] _admin = settings.AdminDigest;
    private volatile FrozenDictionary<string, KeyCaller> _byId = FrozenDictionary<string, KeyCaller>.Empty;

    public IEnumerable<KeyCaller> All => _byId.Values.OrderBy(static caller => (caller.Key.CreatedAt, caller.Key.Id));

    public KeyCaller? Find(string id) => _byId.GetValueOrDefault(id);

    /// <summary>Replaces the keys in force: the next request is judged by them, on an open connection too.</summary>
    public void Set(IEnumerable<KeyCaller> callers) => _byId = callers.ToFrozenDictionary(static caller => caller.Key.Id);

    /// <summary>Replaces the admin key; an empty digest is of none.</summary>
    public void SetAdmin(byte[] digest) => _admin = digest;

    /// <summary>The holder of a key; null, with the fault, for a text that is none in force here.</summary>
    public Caller? Find(ReadOnlySpan<char> text, System.Net.IPAddress? from, out string? fault)
    {
        fault = "The API key is not valid.";
        if (!KeyText.IsKey(text))
        {
            return null;
        }

        Span<byte> digest = stackalloc byte[KeyText.DigestLength];
        KeyText.WriteDigest(text, digest);
        _byId.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(KeyText.IdOf(text), out var found);
        var now = clock.GetUtcNow();
        if (!(found?.Key ?? Nobody).IsOf(digest, now) || found is null)
        {
            return CryptographicOperations.FixedTimeEquals(_admin, digest) ? Admin : null;
        }

        if (found.Key.ExpiresAt <= now)
        {
            fault = "The API key has expired.";
            return null;
        }

        if (!found.Key.MayComeFrom(from))
        {
            fault = "The API key may not be used from this address.";
            return null;
        }

        fault = null;
        found.Use(now);
        return found;
    }
}
