using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;
using Middleware.Events;

namespace Middleware.Audit;

/// <summary>A change that the audit log keeps.</summary>
internal sealed record AuditedRow : IHeldAnswer
{
    private const int BytesOfOthers = 4 << 10;

    long IHeldAnswer.Bytes => BytesOfOthers + (Before?.Length ?? 0) + (After?.Length ?? 0);

    /// <summary>The place in the log, from 1 without a gap.</summary>
    public required long Number { get; init; }

    /// <summary>The time of the change; UTC.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The caller that asked for it: <c>admin</c>, <c>anonymous</c>, or <c>key:</c>, <c>jwt:</c> or <c>cert:</c> with its name; <c>configuration</c>, <c>command</c> or <c>service</c> for none.</summary>
    public required string Actor { get; init; }

    /// <summary>The person beside the caller (<c>X-Operator</c>); null for none.</summary>
    public required string? Note { get; init; }

    /// <summary>The kind of the change, such as <c>endpoint.changed</c>.</summary>
    public required string Action { get; init; }

    /// <summary>The id of its object.</summary>
    public required string Target { get; init; }

    /// <summary>The object before, without secrets; null where there is nothing to show.</summary>
    public required StoredJson? Before { get; init; }

    /// <summary>The object after, without secrets; null where there is nothing to show.</summary>
    public required StoredJson? After { get; init; }

    /// <summary>The data key of which the key of the hash is derived; 0 for a hash without a key.</summary>
    [JsonIgnore]
    public int DataKeyId { get; init; }

    /// <summary>Hexadecimal: HMAC-SHA256 of the hash before it and of the row. Without a master key plain SHA-256.</summary>
    public required string Hash { get; init; }
}

/// <summary>A change as its transaction describes it.</summary>
/// <param name="Action">The kind of the change.</param>
/// <param name="Target">The id of its object.</param>
/// <param name="Before">JSON of the object before, without secrets.</param>
/// <param name="After">JSON of the object after, without secrets.</param>
internal readonly record struct AuditedChange(string Action, string Target, string? Before = null, string? After = null);

/// <summary>The end of the log.</summary>
internal readonly record struct AuditHead(long Number, ReadOnlyMemory<byte> Hash)
{
    public const int HashBytes = SHA256.HashSizeInBytes;

    /// <summary>The beginning of an empty log.</summary>
    public static readonly AuditHead None = new(0, new byte[HashBytes]);

    public override string ToString() => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Number}:{Convert.ToHexStringLower(Hash.Span)}");

    /// <summary>Reads the text of <see cref="ToString"/>; null for another.</summary>
    public static AuditHead? Parse(string text)
    {
        var hash = new byte[HashBytes];
        return text.Split(':') is [var number, { Length: 2 * HashBytes } digits]
            && long.TryParse(number, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var place)
            && Convert.FromHexString(digits, hash, out _, out _) == System.Buffers.OperationStatus.Done ? new AuditHead(place, hash) : null;
    }
}

/// <summary>The hash that chains a row to the one before it, so that a changed, removed or moved row shows.</summary>
internal static class AuditHash
{
    /// <summary>HMAC-SHA256 by a key, or SHA-256 without one, of the hash before and of each column with its length.</summary>
    public static byte[] Of(ReadOnlySpan<byte> before, byte[]? key, long number, long at, params ReadOnlySpan<string?> texts)
    {
        using var hash = key is null ? IncrementalHash.CreateHash(HashAlgorithmName.SHA256) : IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);
        Span<byte> numbers = stackalloc byte[2 * sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(numbers, number);
        BinaryPrimitives.WriteInt64BigEndian(numbers[sizeof(long)..], at);
        hash.AppendData(before);
        hash.AppendData(numbers);
        foreach (var text in texts)
        {
            var bytes = text is null ? null : Encoding.UTF8.GetBytes(text);
            BinaryPrimitives.WriteInt64BigEndian(numbers, bytes?.Length ?? -1);
            hash.AppendData(numbers[..sizeof(long)]);
            hash.AppendData(bytes ?? []);
        }

        return hash.GetHashAndReset();
    }
}
