using System.Security.Cryptography;
using System.Text;

namespace ExternalAlerts;

/// <summary>
/// Distinguishes event ids seen before from new ones. It remembers at least the last <paramref name="atLeast"/> different ids and at most twice as
/// many, as 16-byte values in two generations. An older id counts as new again. Not thread-safe.
/// </summary>
internal sealed class SeenIds(int atLeast)
{
    private HashSet<Guid> _current = [];
    private HashSet<Guid> _previous = [];

    /// <summary>The 16 bytes of a remembered id: the id itself when it is 32 hex digits, else the head of its SHA-256.</summary>
    public static Guid KeyOf(string eventId) =>
        Guid.TryParseExact(eventId, "N", out var key) ? key : new Guid(SHA256.HashData(Encoding.UTF8.GetBytes(eventId)).AsSpan(0, 16));

    /// <summary>True when the id is new.</summary>
    public bool Add(Guid key)
    {
        if (_previous.Contains(key) || !_current.Add(key))
        {
            return false;
        }

        if (_current.Count == atLeast)
        {
            (_previous, _current) = (_current, []);
        }

        return true;
    }

    public void Clear() => (_previous, _current) = ([], []);
}
