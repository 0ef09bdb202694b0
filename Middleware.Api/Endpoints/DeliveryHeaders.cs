using System.Buffers;
using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace Middleware.Endpoints;

/// <summary>The headers of an endpoint's deliveries beside our own. A value may be a credential, so <c>ToString</c> shows none.</summary>
internal sealed class DeliveryHeaders : IEquatable<DeliveryHeaders>
{
    public const int MaxCount = 20;
    public const int MaxNameLength = 128;
    public const int MaxValueLength = 2_048;

    /// <summary>The most characters of all names and values together; many receivers refuse larger headers.</summary>
    public const int MaxTotalLength = 8_192;

    public static readonly DeliveryHeaders None = new([]);

    private static readonly SearchValues<char> TokenCharacters =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    /// <summary>Headers of the connection or the body, and our own.</summary>
    private static readonly FrozenSet<string> Reserved = new[]
    {
        "connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade", "http2-settings", "host", "expect",
        "allow", "expires", "last-modified",
        "x-correlation-id", "x-delivery-attempt", "x-delivery-test", "x-replay-id", "traceparent", "tracestate", "user-agent",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    private static readonly string[] ReservedPrefixes = ["proxy-", "content-", "webhook-"];

    private DeliveryHeaders(ImmutableArray<KeyValuePair<string, string>> all, ImmutableArray<KeyValuePair<string, string>> referring = default) =>
        (All, Referring) = (all, referring.IsDefault ? [] : referring);

    /// <summary>Names and values, in the order they were given.</summary>
    public ImmutableArray<KeyValuePair<string, string>> All { get; }

    /// <summary>Names and references to the files with their values; no delivery bears them before they are read.</summary>
    public ImmutableArray<KeyValuePair<string, string>> Referring { get; }

    public IEnumerable<string> Names => All.Concat(Referring).Select(static header => header.Key);

    /// <summary>Reads headers. Each fault names the header and what is expected; none repeats a value.</summary>
    public static bool TryParse(
        IReadOnlyCollection<KeyValuePair<string, string?>> given, [NotNullWhen(true)] out DeliveryHeaders? headers, out IReadOnlyList<string> faults) =>
        TryParse(given, [], out headers, out faults);

    /// <inheritdoc cref="TryParse(IReadOnlyCollection{KeyValuePair{string, string?}}, out DeliveryHeaders?, out IReadOnlyList{string})"/>
    public static bool TryParse(
        IReadOnlyCollection<KeyValuePair<string, string?>> plain,
        IReadOnlyCollection<KeyValuePair<string, string>> referring,
        [NotNullWhen(true)] out DeliveryHeaders? headers,
        out IReadOnlyList<string> faults)
    {
        // The value of a reference is judged when it is read.
        List<KeyValuePair<string, string?>> given = [.. plain, .. referring.Select(static header => KeyValuePair.Create(header.Key, (string?)"-"))];
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        List<string> found =
        [
            .. given.Select(static header => FaultIn(header.Key, header.Value)).OfType<string>(),
            .. given.Where(header => !names.Add(header.Key)).Select(static header => $"{Shown(header.Key)}: expected once"),
        ];
        if (given.Count > MaxCount)
        {
            found.Add($"expected at most {MaxCount} headers");
        }
        else if (given.Sum(static header => header.Key.Length + (header.Value?.Length ?? 0)) > MaxTotalLength)
        {
            found.Add($"expected headers of at most {MaxTotalLength} characters in all");
        }

        faults = found;
        headers = found.Count == 0 ? new DeliveryHeaders([.. plain.Select(static header => KeyValuePair.Create(header.Key, header.Value!))], [.. referring]) : null;
        return headers is not null;
    }

    /// <summary>True for a header of this name, in any case.</summary>
    public bool Has(string name) => Names.Contains(name, StringComparer.OrdinalIgnoreCase);

    public bool Equals(DeliveryHeaders? other) => other is not null && All.SequenceEqual(other.All) && Referring.SequenceEqual(other.Referring);

    public override bool Equals(object? obj) => Equals(obj as DeliveryHeaders);

    public override int GetHashCode() => All.Length;

    public override string ToString() => string.Join(", ", Names);

    private static string? FaultIn(string name, string? value) => (name, value) switch
    {
        ({ Length: 0 or > MaxNameLength }, _) => $"{Shown(name)}: expected a name of 1 to {MaxNameLength} characters",
        _ when name.AsSpan().ContainsAnyExcept(TokenCharacters) => $"{Shown(name)}: expected a name of letters, digits and !#$%&'*+-.^_`|~",
        _ when IsReserved(name) => $"{name}: expected another header; this one is set by the sender",
        (_, null or { Length: 0 or > MaxValueLength }) => $"{name}: expected a value of 1 to {MaxValueLength} characters",
        _ when value.AsSpan().ContainsAnyExceptInRange(' ', '~') || value[0] == ' ' || value[^1] == ' ' =>
            $"{name}: expected a value of visible ASCII characters and spaces between them",
        _ => null,
    };

    private static bool IsReserved(string name) =>
        Reserved.Contains(name) || ReservedPrefixes.Any(prefix => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase));

    /// <summary>A name, of any content, as far as it can be shown.</summary>
    private static string Shown(string name) => name.Length == 0 ? "(no name)" : string.Create(Math.Min(name.Length, 40), name, static (shown, name) =>
    {
        for (var index = 0; index < shown.Length; index++)
        {
            shown[index] = name[index] is >= ' ' and <= '~' ? name[index] : '?';
        }
    });
}
