using System.Buffers.Binary;
using System.Text;

namespace Middleware.Storage.AtRest;

/// <summary>The kind of a row with a ciphertext. The numbers are part of stored ciphertexts; they never change.</summary>
internal enum RowKind : byte
{
    Payload = 1,
    Response = 2,
    KeptAnswer = 3,
    Endpoint = 4,
}

/// <summary>The row that a ciphertext belongs to: its associated data, so that it opens nowhere else.</summary>
/// <param name="Kind">The kind of the row.</param>
/// <param name="Id">The id of the event, or of the batch of a response; empty for rows of neither.</param>
/// <param name="Number">The number of the attempt, or the version of the endpoint; else 0.</param>
/// <param name="Name">The id of the endpoint, or the route and the idempotency key; empty for a payload.</param>
internal readonly record struct SealedRow(RowKind Kind, Guid Id, long Number, string Name)
{
    private const int FixedBytes = 1 + 16 + sizeof(long);

    /// <summary>The most bytes of <see cref="Write"/>.</summary>
    public int MaxBytes => FixedBytes + Encoding.UTF8.GetMaxByteCount(Name.Length);

    public static SealedRow Payload(Guid eventId) => new(RowKind.Payload, eventId, 0, "");

    /// <summary>The attempts of a batch with the same number share one response and so one ciphertext.</summary>
    public static SealedRow Response(Guid eventId, Guid? batchId, string endpoint, int number) => new(RowKind.Response, batchId ?? eventId, number, endpoint);

    public static SealedRow KeptAnswer(string route, string key) => new(RowKind.KeptAnswer, Guid.Empty, 0, $"{route}\n{key}");

    public static SealedRow Endpoint(string endpoint, long version) => new(RowKind.Endpoint, Guid.Empty, version, endpoint);

    /// <summary>Writes the associated data, and returns its length. The one part of any length is the last.</summary>
    public int Write(Span<byte> bytes)
    {
        bytes[0] = (byte)Kind;
        Id.TryWriteBytes(bytes[1..], bigEndian: true, out _);
        BinaryPrimitives.WriteInt64BigEndian(bytes[17..], Number);
        return FixedBytes + Encoding.UTF8.GetBytes(Name, bytes[FixedBytes..]);
    }
}

/// <summary>
/// The layout of a ciphertext: version (1 byte), id of the data key (4, big-endian), nonce (12), ciphertext, tag (16). Plain payloads, answers and
/// definitions never begin with the version, so that their rows show whether they are encrypted.
/// </summary>
internal static class SealedBytes
{
    public const int NonceBytes = 12;
    public const int TagBytes = 16;
    public const int Overhead = HeadBytes + NonceBytes + TagBytes;

    // Kept answers begin with 0 or 1, JSON with a character.
    private const byte Version = 2;
    private const int HeadBytes = 1 + sizeof(int);

    public static bool IsSealed(ReadOnlySpan<byte> stored) => stored is [Version, ..];

    public static int DataKeyId(ReadOnlySpan<byte> stored) => stored.Length < Overhead ? 0 : BinaryPrimitives.ReadInt32BigEndian(stored[1..]);

    public static void WriteHead(Span<byte> stored, int dataKeyId)
    {
        stored[0] = Version;
        BinaryPrimitives.WriteInt32BigEndian(stored[1..], dataKeyId);
    }

    public static Span<byte> Nonce(Span<byte> stored) => stored.Slice(HeadBytes, NonceBytes);

    public static Span<byte> Ciphertext(Span<byte> stored) => stored[(HeadBytes + NonceBytes)..^TagBytes];

    public static Span<byte> Tag(Span<byte> stored) => stored[^TagBytes..];

    public static ReadOnlySpan<byte> Nonce(ReadOnlySpan<byte> stored) => stored.Slice(HeadBytes, NonceBytes);

    public static ReadOnlySpan<byte> Ciphertext(ReadOnlySpan<byte> stored) => stored[(HeadBytes + NonceBytes)..^TagBytes];

    public static ReadOnlySpan<byte> Tag(ReadOnlySpan<byte> stored) => stored[^TagBytes..];
}
