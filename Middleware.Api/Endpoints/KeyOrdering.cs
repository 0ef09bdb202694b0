using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;
using Middleware.Filtering;
using Middleware.Filtering.Cesql;

namespace Middleware.Endpoints;

/// <summary>The order in which an endpoint gets its events.</summary>
internal enum Ordering
{
    /// <summary>By priority, several at once, whatever fails.</summary>
    [JsonStringEnumMemberName("none")]
    None,

    /// <summary>Events of one key one after the other, in order of acceptance.</summary>
    [JsonStringEnumMemberName("key")]
    Key,
}

/// <summary>The end of a key's wait for a dead letter that is not tried again by itself. The names are stored; they never change.</summary>
internal enum OnExhausted
{
    /// <summary>The next events of the key go on.</summary>
    [JsonStringEnumMemberName("skip")]
    Skip,

    /// <summary>They wait until the dead letter is discarded, or is replayed and delivered.</summary>
    [JsonStringEnumMemberName("block")]
    Block,
}

/// <summary>The order by key of an endpoint's deliveries.</summary>
/// <remarks>Its expression is compiled once, when it is read.</remarks>
internal sealed record KeyOrdering
{
    /// <summary>The expression where none is given.</summary>
    public const string Default = "source";

    /// <summary>The steps that a key may cost beside those of its length and of the event's: a key is a name or two.</summary>
    public const int Steps = 2_000;

    /// <summary>So many bytes of the payload are worth a step.</summary>
    private const int BytesAStep = 16;

    private readonly CesqlExpression? _compiled;

    private KeyOrdering(CesqlExpression? compiled) => _compiled = compiled;

    /// <summary>CloudEvents SQL 1.0, of which the value is the key.</summary>
    public required string Expression { get; init; }

    public OnExhausted OnExhausted { get; init; }

    /// <summary>True when the key is not just the source: it is evaluated then.</summary>
    public bool IsEvaluated => _compiled is not null;

    /// <summary>Reads an order, or gives the fault of its expression.</summary>
    public static bool TryCreate(string? expression, OnExhausted onExhausted, [NotNullWhen(true)] out KeyOrdering? ordering, out string fault)
    {
        expression ??= Default;
        var parsed = CesqlExpression.Parse(expression);
        fault = parsed.IsValid ? "" : $"at character {parsed.Fault.Position}: {parsed.Fault.Reason}";
        ordering = parsed.IsValid ? new KeyOrdering(expression == Default ? null : parsed.Expression) { Expression = expression, OnExhausted = onExhausted } : null;
        return parsed.IsValid;
    }

    /// <summary>
    /// The hash of an event's key: the first 8 bytes of its SHA-256. Two keys of one hash only wait for one another. The key is empty where the
    /// expression fails or costs too much.
    /// </summary>
    public long KeyOf(FilteredEvent filtered, int payloadBytes)
    {
        if (_compiled is null)
        {
            return Hash(filtered.Source);
        }

        var budget = new StepBudget(Steps + _compiled.Steps + (payloadBytes / BytesAStep));
        var result = _compiled.Evaluate(filtered, ref budget);
        return Hash(result.Fault is null && !budget.IsSpent ? result.Value.ToString() : "");
    }

    /// <summary>Equality by the text.</summary>
    public bool Equals(KeyOrdering? other) => other is not null && Expression == other.Expression && OnExhausted == other.OnExhausted;

    public override int GetHashCode() => HashCode.Combine(Expression, OnExhausted);

    private static long Hash(string key)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(key), hash);
        return BinaryPrimitives.ReadInt64BigEndian(hash);
    }
}
