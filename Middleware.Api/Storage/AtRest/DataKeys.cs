using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace Middleware.Storage.AtRest;

/// <summary>A key that encrypts rows (AES-256-GCM). One process encrypts with it, so the nonces count up (docs/decisions/0016-encryption-at-rest.md).</summary>
internal sealed class DataKey(int id, byte[] key, DateTimeOffset createdAt)
{
    public const int KeyBytes = 32;

    /// <summary>The messages after which another key is made.</summary>
    public const long MostMessages = 1 << 30;

    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(1);

    // A cipher is for one thread at a time: as many as worked at once.
    private readonly ConcurrentQueue<AesGcm> _ciphers = new();
    private long _messages;

    public int Id => id;

    /// <summary>The key of the audit log's hashes: another than that of the rows, from the same secret (RFC 5869).</summary>
    public byte[] AuditKey { get; } = HKDF.DeriveKey(HashAlgorithmName.SHA256, key, KeyBytes, info: "audit"u8.ToArray());

    /// <summary>The messages that were encrypted with it, by this process.</summary>
    public long Messages => Interlocked.Read(ref _messages);

    /// <summary>True after a day, and after 2^30 messages.</summary>
    public bool IsSpent(DateTimeOffset now) => Messages >= MostMessages || (now - createdAt).Duration() >= Lifetime;

    public byte[] Seal(in SealedRow row, ReadOnlySpan<byte> plain)
    {
        var sealedBytes = GC.AllocateUninitializedArray<byte>(SealedBytes.Overhead + plain.Length);
        SealedBytes.WriteHead(sealedBytes, id);
        var nonce = SealedBytes.Nonce(sealedBytes.AsSpan());
        nonce.Clear();
        BinaryPrimitives.WriteInt64BigEndian(nonce[^sizeof(long)..], Interlocked.Increment(ref _messages));

        Span<byte> associated = stackalloc byte[row.MaxBytes];
        associated = associated[..row.Write(associated)];
        var cipher = Take();
        cipher.Encrypt(nonce, plain, SealedBytes.Ciphertext(sealedBytes.AsSpan()), SealedBytes.Tag(sealedBytes.AsSpan()), associated);
        _ciphers.Enqueue(cipher);
        return sealedBytes;
    }

    /// <summary>Null when it was not sealed for this row, or was changed.</summary>
    public byte[]? TryOpen(in SealedRow row, ReadOnlySpan<byte> stored)
    {
        Span<byte> associated = stackalloc byte[row.MaxBytes];
        associated = associated[..row.Write(associated)];
        var plain = GC.AllocateUninitializedArray<byte>(stored.Length - SealedBytes.Overhead);
        var cipher = Take();
        try
        {
            cipher.Decrypt(SealedBytes.Nonce(stored), SealedBytes.Ciphertext(stored), SealedBytes.Tag(stored), plain, associated);
            return plain;
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
        finally
        {
            _ciphers.Enqueue(cipher);
        }
    }

    private AesGcm Take() => _ciphers.TryDequeue(out var free) ? free : new AesGcm(key, SealedBytes.TagBytes);
}

/// <summary>The data keys of a store. The newest encrypts, all decrypt.</summary>
/// <param name="sealsPayloads">True when payloads, response bodies and kept answers are encrypted too.</param>
internal sealed class DataKeys(bool sealsPayloads)
{
    private readonly ConcurrentDictionary<int, DataKey> _all = [];
    private readonly Lock _looking = new();
    private volatile DataKey? _newest;

    public bool SealsPayloads => sealsPayloads;

    /// <summary>Looks a key up that another replica has added since; null for a store with one process.</summary>
    public Func<int, DataKey?>? LookUp { get; set; }

    /// <summary>True for a store without encryption.</summary>
    public bool IsEmpty => _all.IsEmpty;

    /// <summary>True when a newer key is due.</summary>
    public bool IsSpent(DateTimeOffset now) => Newest.IsSpent(now);

    private DataKey Newest => _newest ?? throw new InvalidOperationException("There is no data key.");

    /// <summary>The key of the audit log's next hash, and the id of its data key.</summary>
    public (int DataKeyId, byte[]? Key) AuditKey() => (Newest.Id, Newest.AuditKey);

    /// <summary>The key of a hash by the id of its data key; null for one that is not known.</summary>
    public byte[]? AuditKey(int dataKeyId) => Find(dataKeyId)?.AuditKey;

    /// <summary>Adds a key that the store has, which encrypts from now on.</summary>
    public void Add(DataKey key)
    {
        _all[key.Id] = key;
        _newest = key;
    }

    public byte[] Seal(in SealedRow row, ReadOnlySpan<byte> plain) => Newest.Seal(row, plain);

    /// <summary>The bytes of a row as they were before they were sealed, if they were. Null for those that do not open, as for others' ciphertexts.</summary>
    public static byte[]? Open(DataKeys? keys, in SealedRow row, ReadOnlySpan<byte> stored) =>
        !SealedBytes.IsSealed(stored) ? stored.ToArray()
        : keys?.Find(SealedBytes.DataKeyId(stored))?.TryOpen(row, stored);

    private DataKey? Find(int id)
    {
        if (_all.TryGetValue(id, out var known) || LookUp is not { } lookUp)
        {
            return known;
        }

        lock (_looking)
        {
            return _all.TryGetValue(id, out known) || (known = lookUp(id)) is null ? known : _all[id] = known;
        }
    }
}
