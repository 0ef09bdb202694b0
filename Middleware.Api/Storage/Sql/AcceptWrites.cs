using Middleware.Accepting;
using Middleware.Events;

namespace Middleware.Storage.Sql;

/// <summary>Keeps the events of a request in the writer's transaction, all of them or a part.</summary>
internal static class AcceptWrites
{
    /// <summary>Writes the next part, and the result with the last.</summary>
    public static void Accept(WriteTransaction transaction, AcceptItem item)
    {
        item.Begin();
        if (item is { Committed: 0, Claim: { } claim } && FindFirst(transaction, claim, item) is { } known)
        {
            item.Result = known;
            return;
        }

        for (var rows = 0; item.Next is { } routed; item.Through++)
        {
            rows += AcceptItem.RowsOf(routed);
            if (rows > AcceptItem.PartRows && item.Through > item.Committed)
            {
                break;
            }

            item.Sequences[item.Through] = 0;
            if (!item.Results[item.Through].IsKeptBefore)
            {
                item.Results[item.Through] = EventResult.Of(routed, Accept(transaction, item, routed));
            }
        }

        var isWhole = item.Next is null;
        item.Result = isWhole ? new AcceptResult(AcceptKind.Judged, item.Results) : null;
        if (item.Claim is { } first && (isWhole ? KeptResults.Write(item.Results) : KeptResults.WritePart(item.Results, item.Through)) is { } answer)
        {
            transaction.Statements.InsertClaim(first, item.Sealed?.ToStored(answer) ?? answer, transaction.Now + IdempotencyClaim.Lifetime);
        }
    }

    /// <summary>The first result. Null for the first request with a key, and for a request that goes on where the first was cut off.</summary>
    private static AcceptResult? FindFirst(WriteTransaction transaction, IdempotencyClaim claim, AcceptItem item)
    {
        if (transaction.Statements.FindClaim(claim.Route, claim.Key, transaction.Now) is not var (hash, stored))
        {
            return null;
        }

        if (!hash.AsSpan().SequenceEqual(claim.BodyHash.Span))
        {
            return new AcceptResult(AcceptKind.KeyReused);
        }

        var answer = item.Sealed?.FromStored(stored) ?? stored;
        if (!KeptResults.IsPart(answer))
        {
            return new AcceptResult(AcceptKind.Replayed, KeptResults.Read(answer));
        }

        KeptResults.ReadPart(answer, item, transaction.Connection);
        return null;
    }

    private static AcceptOutcome Accept(WriteTransaction transaction, AcceptItem item, RoutedEvent routed)
    {
        var priority = routed.Event.Priority;
        if (!IsAdmitted(transaction, routed, priority))
        {
            return AcceptOutcome.QueueFull;
        }

        var sequence = item.Sequences[item.Through] = transaction.NextSequence();
        transaction.Statements.InsertEvent(sequence, routed.Event, item.NextPayload, routed.Endpoints.Length, item.Claim?.Key);
        for (var index = 0; index < routed.Endpoints.Length; index++)
        {
            var row = transaction.RowOf(routed.Endpoints[index].Id);
            if (row.IsShut)
            {
                // It was deleted after the event had been decided by it.
                transaction.Statements.UpsertDeadLetter(sequence, row.Number, FailureReason.EndpointDeleted, transaction.Now, nextRetryAt: null);
                continue;
            }

            row.InGroup++;
            if (routed.KeyAt(index) is { } key)
            {
                transaction.Statements.InsertOrdered(row.Number, sequence, key);
                row.OrderedInGroup++;
            }
            else
            {
                transaction.Statements.InsertPending(row.Number, priority, sequence);
            }
        }

        return AcceptOutcome.Accepted;
    }

    private static bool IsAdmitted(WriteTransaction transaction, RoutedEvent routed, Priority priority)
    {
        foreach (var endpoint in routed.Endpoints)
        {
            var row = transaction.RowOf(endpoint.Id);
            if (endpoint.Admits(priority, row.Waiting + row.InGroup))
            {
                return true;
            }
        }

        return routed.Endpoints.IsEmpty;
    }
}
