using System.Diagnostics;
using System.Security.Cryptography;
using AspireIntegration.Client.Json;
using AspireIntegration.Client.Transport;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace AspireIntegration.Client.Publishing;

/// <summary>
/// Publishes events. Each has an idempotency key, which is the same at each attempt: an event whose answer was lost is kept once. Network faults,
/// 429, 502, 503 and 504 are retried; any other refusal is thrown at once.
/// </summary>
public sealed class EventPublisher
{
    /// <summary>The most events of a batch.</summary>
    public const int MaxBatchEvents = 1_000;

    /// <summary>The most bytes of a batch.</summary>
    public const int MaxBatchBytes = 8 << 20;

    private const string One = "integrations/events";
    private const string Many = "integrations/events/batch";

    private readonly ApiTransport _transport;
    private readonly PublishRetrySettings _settings;

    /// <summary>Makes a publisher.</summary>
    /// <param name="client">The client in whose name it publishes.</param>
    /// <param name="retry">Its attempts; null for the defaults.</param>
    /// <param name="logger">The log of failed attempts; null for none.</param>
    public EventPublisher(AspireIntegrationClient client, PublishRetrySettings? retry = null, ILogger<EventPublisher>? logger = null)
        : this(client, retry, logger, static () => RandomNumberGenerator.GetInt32(1_000_000) / 1_000_000d)
    {
    }

    internal EventPublisher(AspireIntegrationClient client, PublishRetrySettings? retry, ILogger? logger, Func<double> chance)
    {
        ArgumentNullException.ThrowIfNull(client);
        _transport = client.Transport;
        _settings = retry ?? new PublishRetrySettings();
        SettingFault.ThrowIfAny(_settings.Faults("Retry"));
        Attempts = new PublishAttempts(_settings, Clock, chance, logger ?? NullLogger.Instance);
    }

    internal TimeProvider Clock => _transport.Clock;

    internal PublishAttempts Attempts { get; }

    /// <summary>Publishes an event. It returns when the event is on the disk of the service.</summary>
    /// <exception cref="AspireIntegrationException">The service refuses it, or did so until the time of the retries was over.</exception>
    /// <exception cref="HttpRequestException">No service was found, or none answered, until the time of the retries was over.</exception>
    public Task<AcceptedEvent> PublishAsync(EventToPublish eventToPublish, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(eventToPublish);
        var body = ClientJson.Write(eventToPublish, ClientJson.Default.EventToPublish);
        var key = PublishHeaders.KeyOf(eventToPublish.IdempotencyKey, Clock);
        var correlation = PublishHeaders.Checked("correlation id", eventToPublish.CorrelationId, 128);
        return PublishTelemetry.ObserveAsync(_transport.At(One), 1, [], Clock, async span =>
        {
            var accepted = await Attempts.RunAsync(
                async token =>
                {
                    using var answer = await PostAsync(One, body, key, correlation, token).ConfigureAwait(false);
                    var read = await ApiTransport.ReadAsync(answer, ClientJson.Default.AcceptedEvent, token).ConfigureAwait(false);
                    return read with { IsDuplicate = PublishHeaders.IsReplayed(answer) };
                },
                _settings.Limit,
                PublishAttempts.IsTransient,
                cancellationToken).ConfigureAwait(false);
            span?.SetTag("messaging.message.id", accepted.EventId);
            return (accepted, 1);
        });
    }

    /// <summary>
    /// Publishes 1 to 1,000 events of at most 8 MiB in one request, and one commit. Each is judged alone: those that are refused stand in the
    /// answer, in order. The keys and correlation ids of the events must be null.
    /// </summary>
    /// <param name="events">The events.</param>
    /// <param name="idempotencyKey">The key of the batch; null for one of its own.</param>
    /// <param name="cancellationToken">Ends the attempts.</param>
    /// <exception cref="AspireIntegrationException">The service refuses the batch, or did so until the time of the retries was over.</exception>
    /// <exception cref="HttpRequestException">No service was found, or none answered, until the time of the retries was over.</exception>
    public Task<AcceptedBatch> PublishBatchAsync(
        IReadOnlyList<EventToPublish> events, string? idempotencyKey = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(events);
        var bodies = events.Select(WriteForBatch).ToList();
        return PublishBatchAsync(bodies, idempotencyKey, [], _settings.Limit, PublishAttempts.IsTransient, cancellationToken);
    }

    /// <summary>The JSON of an event of a batch.</summary>
    /// <exception cref="ArgumentException">It has headers, which a batch has for all of its events, or it is too large.</exception>
    internal static byte[] WriteForBatch(EventToPublish eventToPublish)
    {
        ArgumentNullException.ThrowIfNull(eventToPublish);
        if (eventToPublish.IdempotencyKey is not null || eventToPublish.CorrelationId is not null)
        {
            throw new ArgumentException("An event of a batch has an IdempotencyKey or a CorrelationId; expected null: the batch has those of all its events.");
        }

        var body = ClientJson.Write(eventToPublish, ClientJson.Default.EventToPublish);
        return body.Length <= MaxBatchBytes - 2
            ? body
            : throw new ArgumentException($"The event has {body.Length} bytes as JSON; expected at most {MaxBatchBytes - 2}.");
    }

    internal Task<AcceptedBatch> PublishBatchAsync(
        IReadOnlyCollection<byte[]> events,
        string? idempotencyKey,
        IEnumerable<ActivityLink> links,
        TimeSpan limit,
        Func<Exception, bool> isTransient,
        CancellationToken cancellationToken)
    {
        var body = BatchOf(events);
        var key = PublishHeaders.KeyOf(idempotencyKey, Clock);
        return PublishTelemetry.ObserveAsync(_transport.At(Many), events.Count, links, Clock, async _ =>
        {
            var batch = await Attempts.RunAsync(
                async token =>
                {
                    using var answer = await PostAsync(Many, body, key, correlation: null, token).ConfigureAwait(false);
                    var read = await ApiTransport.ReadAsync(answer, ClientJson.Default.AcceptedBatch, token).ConfigureAwait(false);
                    return read.Results.Count == events.Count
                        ? read with { IsDuplicate = PublishHeaders.IsReplayed(answer) }
                        : throw new HttpRequestException(HttpRequestError.InvalidResponse, $"The answer has {read.Results.Count} results for {events.Count} events.");
                },
                limit,
                isTransient,
                cancellationToken).ConfigureAwait(false);
            return (batch, batch.Accepted);
        });
    }

    private static byte[] BatchOf(IReadOnlyCollection<byte[]> events)
    {
        var length = 1 + events.Sum(static one => one.Length + 1);
        if (events.Count is 0 or > MaxBatchEvents || length > MaxBatchBytes)
        {
            throw new ArgumentException($"The batch has {events.Count} events of {length} bytes; expected 1 to {MaxBatchEvents} of at most {MaxBatchBytes}.");
        }

        var body = new byte[length];
        var at = 0;
        foreach (var one in events)
        {
            body[at++] = at == 1 ? (byte)'[' : (byte)',';
            one.CopyTo(body, at);
            at += one.Length;
        }

        body[at] = (byte)']';
        return body;
    }

    private async Task<HttpResponseMessage> PostAsync(string path, byte[] body, string key, string? correlation, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, _transport.At(path));
        request.Content = new ByteArrayContent(body) { Headers = { ContentType = new("application/json") } };
        request.Headers.Add(PublishHeaders.IdempotencyKey, key);
        if (correlation is not null)
        {
            request.Headers.Add(PublishHeaders.CorrelationId, correlation);
        }

        var answer = await _transport.SendAsync(request, HttpCompletionOption.ResponseContentRead, cancellationToken).ConfigureAwait(false);
        if (answer.IsSuccessStatusCode)
        {
            return answer;
        }

        using (answer)
        {
            throw await Refusal.ReadAsync(answer, Clock, cancellationToken).ConfigureAwait(false);
        }
    }
}
