using System.Diagnostics;
using Middleware.Endpoints;
using Middleware.Events;
using Middleware.Telemetry;
using ServiceDefaults;
using ServiceDefaults.Settings;

namespace Middleware.Delivering;

/// <summary>
/// The fast tier of a shipment: makes attempts until one decides, and has the store record each as it ends. The endpoint is looked up before each, so
/// that a change acts on shipments under way.
/// </summary>
internal sealed partial class DeliverShipment(
    IDeliveryStore store,
    IDeliveryClient client,
    EndpointRegistry endpoints,
    OwedParts owed,
    DeliveryResults results,
    DisableFailing disable,
    Defects defects,
    TimeProvider clock,
    ILogger<DeliverShipment> logger)
{
    /// <summary>
    /// Returns when the store has the outcome in hand, with the shipments that are still to be delivered. That is the shipment itself when its
    /// circuit opened or its endpoint is disabled, or the halves of a refused batch. Throws only <see cref="OperationCanceledException"/>, when the
    /// stop left it open: a defect is an outcome too.
    /// </summary>
    public async Task<IReadOnlyList<Shipment>> ExecuteAsync(Shipment shipment, CircuitPass pass, StopSignals stop)
    {
        Activity? span = null;
        try
        {
            using var underWay = results.Begin(shipment.EndpointId);
            span = DeliveryTraces.StartDeliver(shipment, clock);
            if (await InTimeAsync(shipment, endpoints.Find(shipment.EndpointId), span, stop.GiveUp) is not { } taken || !await owed.BeginAsync(taken, stop.NoNewTries))
            {
                return [];
            }

            shipment = taken;
            while (await MayTryAsync(shipment, pass, stop) is { } endpoint)
            {
                if (await InTimeAsync(shipment, endpoint, span, stop.GiveUp) is not { } inTime)
                {
                    return [];
                }

                shipment = inTime;

                // A first attempt of a single delivery counts as under way since it was taken.
                var mayBeErased = shipment.NextNumber > 1 || shipment.BatchId is not null || endpoint.Batch is not null;
                if (mayBeErased)
                {
                    if (await owed.NotErasedAsync(shipment, stop.NoNewTries) is not { } left)
                    {
                        return [];
                    }

                    shipment = left;
                }

                if (stop.Ownership is { IsSure: false } ownership)
                {
                    // Another replica may have the lane: all is judged again once that is known.
                    await ownership.WhenSureAsync(stop.NoNewTries);
                    continue;
                }

                var rest = await TryAsync(shipment, endpoint, pass, span, stop);
                if (rest is not [var pending])
                {
                    return rest;
                }

                shipment = pending;
            }

            store.GiveBack(shipment.First);
            return await owed.NotErasedAsync(shipment, stop.NoNewTries) is { } waiting ? [waiting] : [];
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !(stop.NoNewTries.IsCancellationRequested || stop.GiveUp.IsCancellationRequested))
        {
            // A failed attempt is a value; an exception is a defect. It must leave no row that nobody sees.
            var first = shipment.First.Event;
            defects.Note("delivery", exception, (first.CorrelationId, first.IdText, shipment.EndpointId.Value));
            var endpoint = endpoints.Find(shipment.EndpointId);
            DeliveryOutcome[] outcomes = [.. shipment.Deliveries.Select(delivery => DeliveryOutcome.DeadLetter() with { Blocks = DeliveryResults.BlocksForGood(delivery, endpoint) })];
            await EndAsync(shipment, Defect(shipment), outcomes, stop.GiveUp);
            return [];
        }
        finally
        {
            span?.Dispose();
        }
    }

    private async ValueTask<Shipment?> InTimeAsync(Shipment shipment, WebhookEndpoint? endpoint, Activity? span, CancellationToken cancellationToken)
    {
        var left = await owed.InTimeAsync(shipment, endpoint, cancellationToken);
        if (left is null)
        {
            DeliveryTraces.Expired(span);
        }

        return left;
    }

    /// <summary>
    /// Waits until the next attempt may start, and looks the endpoint up. Null when it is disabled or gone, or when its circuit opened.
    /// </summary>
    private async ValueTask<WebhookEndpoint?> MayTryAsync(Shipment shipment, CircuitPass pass, StopSignals stop)
    {
        if (shipment.NotBefore is { } notBefore && !pass.IsProbe && endpoints.Find(shipment.EndpointId) is { } waiting)
        {
            // No longer than the plan has it, whatever was done to the clock meanwhile.
            var (wait, longest) = (notBefore - clock.GetUtcNow(), waiting.Retries.DelayAfter(shipment.Tries));
            if (wait > TimeSpan.Zero)
            {
                await Task.Delay(Duration.RoundUp(wait < longest ? wait : longest), clock, pass.Ended).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        stop.NoNewTries.ThrowIfCancellationRequested();
        return !pass.Ended.IsCancellationRequested && endpoints.Find(shipment.EndpointId) is { IsEnabled: true } endpoint ? endpoint : null;
    }

    private async ValueTask<IReadOnlyList<Shipment>> TryAsync(
        Shipment shipment, WebhookEndpoint endpoint, CircuitPass pass, Activity? span, StopSignals stop)
    {
        var isProbe = pass.IsProbe;
        var attempt = await client.SendAsync(shipment, endpoint, stop.GiveUp);
        if (attempt.StatusCode is null && stop.NoNewTries.IsCancellationRequested)
        {
            // A break after the stop signal is due to the stop, here or there: it is no outcome.
            throw new OperationCanceledException(stop.NoNewTries);
        }

        // An attempt of a probe spends none of those left, nor does one that ends after the circuit has opened. It does when it takes its turn or its
        // answer asks for patience. A batch that may be too large goes on to its halving all the same. Each of its parts would else cost a pause of
        // the circuit.
        var isAboutReceiver = !shipment.MayBeTooLarge(attempt);
        var isSpared = isAboutReceiver && (isProbe ? !pass.IsTurn : pass.Ended.IsCancellationRequested);
        pass.Note(attempt, isAboutReceiver);
        results.Tried(shipment.EndpointId, attempt);
        var spent = isSpared ? results.SpentBySpared(shipment, endpoint, attempt, pass.UntilProbe) : shipment.Tries + 1;
        return await RecordAsync(shipment, endpoint, attempt, spent, span, stop.GiveUp);
    }

    /// <summary>Records an attempt and returns the rest: nothing, the shipment as it is now, or its halves.</summary>
    private async ValueTask<IReadOnlyList<Shipment>> RecordAsync(
        Shipment shipment, WebhookEndpoint endpoint, Attempt attempt, int spent, Activity? span, CancellationToken cancellationToken)
    {
        if (shipment.SplitsAfter(attempt, spent, endpoint.Retries))
        {
            await store.RecordAsync(shipment, attempt, ForAll(shipment, DeliveryOutcome.Pending(0, null)), cancellationToken);
            var (one, two) = shipment.Tried(0, null).Halve(() => Ids.Create(clock.GetUtcNow()));
            DeliveryTraces.Halved(span, attempt);
            Halved(shipment.IdText, shipment.EndpointId.Value, shipment.Deliveries.Count, attempt.Reason!, one.IdText, two.IdText);
            return [one, two];
        }

        // A probe that fails for a reason that waiting may mend is about the receiver and not about the event.
        if (spent > shipment.Tries ? FailureReason.IsTransient(attempt) && spent <= endpoint.Retries.MaxRetries : FailureReason.MayPass(attempt))
        {
            return await PlanAsync(shipment, endpoint, attempt, spent, span, cancellationToken);
        }

        var outcomes = new DeliveryOutcome[shipment.Deliveries.Count];
        for (var index = 0; index < outcomes.Length; index++)
        {
            outcomes[index] = results.Decide(shipment.Deliveries[index], endpoint, attempt);
        }

        DeliveryTraces.Delivered(span, attempt, outcomes[0]);
        await EndAsync(shipment, attempt, outcomes, cancellationToken);
        await disable.AfterAsync(endpoint, attempt);
        return [];
    }

    /// <summary>
    /// Plans the next try of the deliveries whose deadline is behind it; the others are expired. In order by key the next ones of the key wait for a
    /// single delivery, and its worker goes on with others.
    /// </summary>
    private async ValueTask<IReadOnlyList<Shipment>> PlanAsync(
        Shipment shipment, WebhookEndpoint endpoint, Attempt attempt, int spent, Activity? span, CancellationToken cancellationToken)
    {
        var next = attempt.EndedAt + endpoint.Retries.DelayAfter(spent);
        var late = Deadline.Late(shipment, endpoint, next);
        var isHeld = shipment is { BatchId: null, First.Key: not null };
        var planned = isHeld ? DeliveryOutcome.Held(spent, next) : DeliveryOutcome.Pending(spent, next);
        DeliveryOutcome[] outcomes = [.. shipment.Deliveries.Select(delivery => late.Contains(delivery) ? DeliveryOutcome.Expired : planned)];
        await store.RecordAsync(shipment, attempt, outcomes, cancellationToken);
        late.ForEach(results.Expired);
        await disable.AfterAsync(endpoint, attempt);
        if (shipment.Without(late) is { } left)
        {
            return isHeld ? [] : [left.Tried(spent, next)];
        }

        DeliveryTraces.Delivered(span, attempt, DeliveryOutcome.Expired);
        return [];
    }

    private Attempt Defect(Shipment shipment) => new()
    {
        BatchId = shipment.BatchId,
        Number = shipment.NextNumber,
        StartedAt = clock.GetUtcNow(),
        Duration = TimeSpan.Zero,
        Reason = FailureReason.Defect,
        Error = "the service failed on this delivery; its log says why",
    };

    private async Task EndAsync(Shipment shipment, Attempt attempt, DeliveryOutcome[] outcomes, CancellationToken cancellationToken)
    {
        await store.RecordAsync(shipment, attempt, outcomes, cancellationToken);
        for (var index = 0; index < outcomes.Length; index++)
        {
            results.Report(shipment.Deliveries[index], attempt, outcomes[index]);
        }
    }

    private static DeliveryOutcome[] ForAll(Shipment shipment, DeliveryOutcome outcome)
    {
        var outcomes = new DeliveryOutcome[shipment.Deliveries.Count];
        Array.Fill(outcomes, outcome);
        return outcomes;
    }

    [LoggerMessage(LogLevel.Warning, "batch refused: it is sent again in halves")]
    private partial void Halved(string batchId, string endpoint, int events, string reason, string firstBatchId, string secondBatchId);
}
