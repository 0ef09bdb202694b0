using System.Diagnostics;
using System.Net;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace AspireIntegration.Client.Publishing;

/// <summary>An event in a buffer.</summary>
/// <param name="Event">As it was given.</param>
/// <param name="Json">As it is sent.</param>
/// <param name="Enqueued">The span in which it was enqueued.</param>
internal readonly record struct BufferedEvent(EventToPublish Event, byte[] Json, ActivityContext Enqueued)
{
    public static BufferedEvent Of(EventToPublish eventToPublish, byte[] json) => new(eventToPublish, json, Activity.Current?.Context ?? default);
}

/// <summary>Sends what a buffer holds, batch after batch. An event leaves it when it is accepted, or reported as undelivered.</summary>
internal sealed partial class BufferLoop(EventPublisher publisher, EventBufferSettings settings, ChannelReader<BufferedEvent> waiting, ILogger logger)
{
    // Exporters take no more links of a span.
    private const int MostLinks = 128;

    /// <summary>Events that were taken and are neither accepted nor given up, in their order.</summary>
    private readonly List<BufferedEvent> _open = [];

    private int _mostInBatch = settings.BatchSize;
    private Exception? _lastFailure;

    /// <summary>Runs until the buffer is completed and empty, or is aborted. Then what is left is reported.</summary>
    public async Task RunAsync(CancellationToken abort)
    {
        try
        {
            for (var rounds = 0; await FillAsync(abort).ConfigureAwait(false);)
            {
                rounds = await SendAsync(abort).ConfigureAwait(false) ? 0 : rounds + 1;
                if (rounds > 0)
                {
                    await Task.Delay(publisher.Attempts.Pause(rounds - 1, null), publisher.Clock, abort).ConfigureAwait(false);
                }
            }
        }
        catch (Exception) when (abort.IsCancellationRequested)
        {
            // The end of an attempt that was cancelled, or that failed at the same moment.
            while (waiting.TryRead(out var left))
            {
                _open.Add(left);
            }

            GiveUp(_open.Count, UndeliveredReason.Stopped, errors: null, _lastFailure);
        }
    }

    /// <summary>Takes what waits, up to a batch; waits for the first. False when there is nothing and nothing will come.</summary>
    private async Task<bool> FillAsync(CancellationToken abort)
    {
        do
        {
            while (_open.Count < _mostInBatch && waiting.TryRead(out var next))
            {
                _open.Add(next);
            }
        }
        while (_open.Count == 0 && await waiting.WaitToReadAsync(abort).ConfigureAwait(false));

        return _open.Count > 0;
    }

    /// <summary>Sends a batch of the first events. False when a pause must follow, since none of them could be settled.</summary>
    private async Task<bool> SendAsync(CancellationToken abort)
    {
        var batch = FirstOfOpen();
        AcceptedBatch answer;
        try
        {
            var links = batch.Select(static one => one.Enqueued).Where(static context => context != default).Distinct().Take(MostLinks).Select(static context => new ActivityLink(context));
            answer = await publisher
                .PublishBatchAsync([.. batch.Select(static one => one.Json)], null, links, TimeSpan.MaxValue, IsTransient, abort)
                .ConfigureAwait(false);
        }
        catch (AspireIntegrationException refusal) when (refusal.StatusCode == HttpStatusCode.RequestEntityTooLarge && batch.Count > 1)
        {
            // A proxy may take less than the service: smaller batches pass.
            _mostInBatch = batch.Count / 2;
            return true;
        }
        catch (AspireIntegrationException refusal) when (IsAtFault(refusal))
        {
            GiveUp(batch.Count, UndeliveredReason.Rejected, refusal.Errors, refusal);
            return true;
        }

        _lastFailure = null;
        _mostInBatch = Math.Min(settings.BatchSize, _mostInBatch + 1 + (_mostInBatch / 4));
        return Settle(batch, answer);
    }

    /// <summary>Takes out the events that are accepted or refused. False when none of them is.</summary>
    private bool Settle(List<BufferedEvent> batch, AcceptedBatch answer)
    {
        var again = new List<BufferedEvent>();
        _open.RemoveRange(0, batch.Count);
        foreach (var (sent, result) in batch.Zip(answer.Results))
        {
            if (result.Status == AcceptStatus.Accepted)
            {
                PublishTelemetry.Buffered.Add(-1);
            }
            else if (result.IsTransient)
            {
                again.Add(sent);
            }
            else
            {
                _open.Insert(0, sent);
                GiveUp(1, UndeliveredReason.Rejected, result.Errors, cause: null);
            }
        }

        _open.InsertRange(0, again);
        return again.Count < batch.Count;
    }

    private List<BufferedEvent> FirstOfOpen()
    {
        var bytes = 1;
        return [.. _open.Take(_mostInBatch).TakeWhile(one => (bytes += one.Json.Length + 1) <= EventPublisher.MaxBatchBytes)];
    }

    /// <summary>Reports the first events and takes them out.</summary>
    private void GiveUp(int count, UndeliveredReason reason, IReadOnlyDictionary<string, IReadOnlyList<string>>? errors, Exception? cause)
    {
        if (count == 0)
        {
            return;
        }

        var events = _open.GetRange(0, count);
        _open.RemoveRange(0, count);
        PublishTelemetry.Buffered.Add(-count);
        PublishTelemetry.Undelivered.Add(count, new KeyValuePair<string, object?>("error.type", reason.ToString().ToLowerInvariant()));
        Undelivered(count, reason, errors is null ? "" : string.Join(", ", errors.Keys), cause?.Message);
        foreach (var one in events)
        {
            try
            {
                settings.OnUndelivered?.Invoke(new UndeliveredEvent(one.Event, reason, errors, cause));
            }
            catch (Exception fault)
            {
                // The other events have a right to their report too.
                ReportFailed(fault);
            }
        }
    }

    /// <summary>True when the batch itself is at fault. A wrong credential, address or proxy can be mended while the events wait.</summary>
    private static bool IsAtFault(AspireIntegrationException refusal) => refusal.StatusCode is
        HttpStatusCode.BadRequest or HttpStatusCode.RequestEntityTooLarge or HttpStatusCode.UnsupportedMediaType or HttpStatusCode.UnprocessableEntity;

    private bool IsTransient(Exception failure)
    {
        _lastFailure = failure;
        return failure is not AspireIntegrationException refusal || !IsAtFault(refusal);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Count} events of the buffer were not delivered ({Reason}); faulty fields: {Fields}; last failure: {Failure}")]
    private partial void Undelivered(int count, UndeliveredReason reason, string fields, string? failure);

    [LoggerMessage(Level = LogLevel.Error, Message = "OnUndelivered threw; the event that it was given may be lost")]
    private partial void ReportFailed(Exception fault);
}
