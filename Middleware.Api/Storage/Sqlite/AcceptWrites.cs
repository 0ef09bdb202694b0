using Middleware.Domain;
using Middleware.UseCases;

namespace Middleware.Storage.Sqlite;

/// <summary>Keeps the events of a request in the writer's transaction, all of them or a part.</summary>
internal static class AcceptWrites
{
    /// <summary>Writes the next part, and what is answered when it is the last.</summary>
    public static void Accept(WriteTransaction transaction, AcceptItem item)
    {
        item.Begin();
        if (item is { Committed: 0, Claim: { } claim } && FindFirstAnswer(transaction, claim, item.Events) is { } known)
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

            if (routed.KeptBefore is null)
            {
                Accept(transaction, item, routed);
            }
        }

        var isWhole = item.Next is null;
        item.Result = isWhole ? new AcceptResult(AcceptKind.Judged) : null;
        if (item.Claim is { } first && (isWhole ? first.WriteAnswer() : PartialAnswer.Write(item.Events, item.Through)) is { } answer)
        {
            transaction.Statements.InsertClaim(first, answer, transaction.Now + IdempotencyClaim.Lifetime);
        }
    }

    /// <summary>Null for the first request with a key, and for one that goes on where the first was cut off: then the events know what was kept.</summary>
    private static AcceptResult? FindFirstAnswer(WriteTransaction transaction, IdempotencyClaim claim, IReadOnlyList<RoutedEvent> events)
    {
        if (transaction.Statements.FindClaim(claim.Route, claim.Key, transaction.Now) is not var (hash, answer))
        {
            return null;
        }

        if (!hash.AsSpan().SequenceEqual(claim.BodyHash.Span))
        {
            return new AcceptResult(AcceptKind.KeyReused);
        }

        if (!PartialAnswer.IsOne(answer))
        {
            return new AcceptResult(AcceptKind.Replayed, answer);
        }

        PartialAnswer.Apply(answer, events, transaction.Statements.Connection);
        return null;
    }

    private static void Accept(WriteTransaction transaction, AcceptItem item, RoutedEvent routed)
    {
        var priority = routed.Event.Priority;
        if (!IsAdmitted(transaction, routed, priority))
        {
            routed.Outcome = AcceptOutcome.QueueFull;
            return;
        }

        var sequence = transaction.NextSequence();
        item.FirstSequence = item.FirstSequence == 0 ? sequence : item.FirstSequence;
        routed.Outcome = AcceptOutcome.Accepted;
        transaction.Statements.InsertEvent(sequence, routed.Event, routed.Endpoints.Length);
        foreach (var endpoint in routed.Endpoints)
        {
            var row = transaction.RowOf(endpoint.Id);
            if (row.IsShut)
            {
                // It was deleted after the event had been decided by it.
                transaction.Statements.UpsertDeadLetter(sequence, row.Number, FailureReason.EndpointDeleted, transaction.Now, nextRetryAt: null);
                continue;
            }

            transaction.Statements.InsertPending(row.Number, priority, sequence);
            row.InGroup++;
        }
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
