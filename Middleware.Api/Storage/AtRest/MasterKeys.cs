using System.Buffers.Binary;
using System.Security.Cryptography;
using ServiceDefaults.Settings;

namespace Middleware.Storage.AtRest;

/// <summary>The encryption of a store.</summary>
/// <param name="Master">The master keys of <c>MASTER_KEY</c>; null for a store without encryption.</param>
/// <param name="Payloads">True when payloads, response bodies and kept answers are encrypted too (<c>ENCRYPT_PAYLOADS</c>).</param>
internal sealed record EncryptionSettings(MasterKeys? Master, bool Payloads)
{
    public static readonly EncryptionSettings None = new(null, false);

    public static EncryptionSettings Read(SettingsReader settings)
    {
        var faults = settings.Failures.Count;
        var master = MasterKeys.Read(settings);
        settings.CheckOneOf(Setting.EncryptPayloads.Name, ["true", "false"]);
        var given = settings.Text(Setting.EncryptPayloads.Name);
        var payloads = string.Equals(given, "true", StringComparison.OrdinalIgnoreCase);
        if (payloads && master is null && settings.Failures.Count == faults)
        {
            settings.Refuse(Setting.EncryptPayloads.Name, given!, $"expected {Setting.MasterKey.Name} with it");
        }

        return new EncryptionSettings(master, payloads);
    }
}

/// <summary>The keys that wrap the data keys of a store (AES-256-GCM). The first wraps, all unwrap. They are never shown.</summary>
internal sealed class MasterKeys
{
    private const int MaxIdLength = 64;
    private const string Expected = "expected lines of an id (1 to 64 of A-Z, a-z, 0-9, ., _ and -), a space and 32 bytes in base64";

    private readonly OrderedDictionary<string, byte[]> _keys = [];

    /// <summary>The id of the key that wraps.</summary>
    public string FirstId => _keys.GetAt(0).Key;

    /// <summary>Null for none, and when one of the lines is refused.</summary>
    public static MasterKeys? Read(SettingsReader settings)
    {
        if (settings.Text(Setting.MasterKey.Name) is not { Length: > 0 } text)
        {
            return null;
        }

        var keys = new MasterKeys();
        var lines = text.Split('\n', StringSplitOptions.TrimEntries);
        for (var index = 0; index < lines.Length; index++)
        {
            if (lines[index].Length > 0 && keys.Add(lines[index]) is { } fault)
            {
                settings.Refuse(Setting.MasterKey.Name, "(hidden)", $"{Expected}; line {index + 1} {fault}");
                return null;
            }
        }

        if (keys._keys.Count == 0)
        {
            settings.Refuse(Setting.MasterKey.Name, "(hidden)", $"{Expected}; there is none");
            return null;
        }

        return keys;
    }

    public bool Has(string id) => _keys.ContainsKey(id);

    /// <summary>Wraps a data key with the first master key: the nonce, the ciphertext and the tag.</summary>
    public byte[] Wrap(int dataKeyId, ReadOnlySpan<byte> dataKey)
    {
        var wrapped = new byte[SealedBytes.NonceBytes + DataKey.KeyBytes + SealedBytes.TagBytes];
        var nonce = wrapped.AsSpan(0, SealedBytes.NonceBytes);
        RandomNumberGenerator.Fill(nonce);
        using var cipher = new AesGcm(_keys.GetAt(0).Value, SealedBytes.TagBytes);
        cipher.Encrypt(nonce, dataKey, wrapped.AsSpan(SealedBytes.NonceBytes, DataKey.KeyBytes), wrapped.AsSpan(^SealedBytes.TagBytes), Associated(dataKeyId));
        return wrapped;
    }

    /// <summary>Null when the master key with this id is not the one that wrapped it.</summary>
    public byte[]? Unwrap(int dataKeyId, string masterId, ReadOnlySpan<byte> wrapped)
    {
        if (wrapped.Length != SealedBytes.NonceBytes + DataKey.KeyBytes + SealedBytes.TagBytes)
        {
            return null;
        }

        var dataKey = new byte[DataKey.KeyBytes];
        using var cipher = new AesGcm(_keys[masterId], SealedBytes.TagBytes);
        try
        {
            cipher.Decrypt(
                wrapped[..SealedBytes.NonceBytes], wrapped.Slice(SealedBytes.NonceBytes, DataKey.KeyBytes), wrapped[^SealedBytes.TagBytes..], dataKey, Associated(dataKeyId));
            return dataKey;
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
    }

    private string? Add(string line)
    {
        var key = new byte[DataKey.KeyBytes];
        if (line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is not [var id, var base64]
            || id.Length > MaxIdLength
            || !id.All(static character => char.IsAsciiLetterOrDigit(character) || character is '.' or '_' or '-')
            || !Convert.TryFromBase64String(base64, key, out var length)
            || length != DataKey.KeyBytes)
        {
            return "is not one";
        }

        return _keys.TryAdd(id, key) ? null : $"repeats the id \"{id}\"";
    }

    private static byte[] Associated(int dataKeyId)
    {
        byte[] associated = [.. "data key"u8, 0, 0, 0, 0];
        BinaryPrimitives.WriteInt32BigEndian(associated.AsSpan(^sizeof(int)), dataKeyId);
        return associated;
    }
}
