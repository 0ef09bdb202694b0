using Middleware.UseCases;

namespace Middleware.Storage.Memory;

/// <summary>The idempotency keys of the last 24 h, at most 100,000: then the oldest goes. Used under the store's gate.</summary>
internal sealed class MemoryClaims(TimeProvider clock)
{
    private const int Most = 100_000;

    private readonly Dictionary<(string Route, string Key), (ReadOnlyMemory<byte> BodyHash, EventResult[] Results)> _known = [];
    private readonly Queue<((string Route, string Key) Name, DateTimeOffset Expires)> _order = [];

    /// <summary>What a request with this key is answered; null when it is the first.</summary>
    public AcceptResult? Find(IdempotencyClaim claim)
    {
        while (_order.TryPeek(out var oldest) && (oldest.Expires <= clock.GetUtcNow() || _order.Count > Most))
        {
            _order.Dequeue();
            _known.Remove(oldest.Name);
        }

        if (!_known.TryGetValue((claim.Route, claim.Key), out var first))
        {
            return null;
        }

        return first.BodyHash.Span.SequenceEqual(claim.BodyHash.Span)
            ? new AcceptResult(AcceptKind.Replayed, first.Results)
            : new AcceptResult(AcceptKind.KeyReused);
    }

    /// <summary>Keeps the results, when an event was accepted.</summary>
    public void Keep(IdempotencyClaim claim, EventResult[] results)
    {
        if (Array.Exists(results, static result => result.IsAccepted))
        {
            _known[(claim.Route, claim.Key)] = (claim.BodyHash, results);
            _order.Enqueue(((claim.Route, claim.Key), clock.GetUtcNow() + IdempotencyClaim.Lifetime));
        }
    }
}
