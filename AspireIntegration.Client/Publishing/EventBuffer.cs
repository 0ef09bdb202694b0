using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace AspireIntegration.Client.Publishing;

/// <summary>
/// Events that are sent in batches behind the caller's back, one batch after the other, in the order in which they were enqueued.
/// <para>
/// The buffer is memory. An event in it is lost when the process is killed or crashes; only an event whose
/// <see cref="EventPublisher.PublishAsync"/> returned is safe. While the service is away the buffer waits and fills. <see cref="StopAsync"/> sends
/// what there is, and hands the rest to <see cref="EventBufferSettings.OnUndelivered"/>.
/// </para>
/// <para>An event that finds every queue of the service full is sent again, and may be accepted after later ones of its batch.</para>
/// </summary>
public sealed class EventBuffer : IAsyncDisposable, IDisposable
{
    private readonly EventBufferSettings _settings;
    private readonly Channel<BufferedEvent> _channel;
    private readonly BufferLoop _loop;
    private readonly CancellationTokenSource _abort = new();
    private readonly Lazy<Task> _running;

    /// <summary>Makes a buffer. Its loop begins with the first event.</summary>
    /// <param name="publisher">The publisher of its events.</param>
    /// <param name="settings">Its bounds; null for the defaults.</param>
    /// <param name="logger">The log of what it could not deliver; null for none.</param>
    public EventBuffer(EventPublisher publisher, EventBufferSettings? settings = null, ILogger<EventBuffer>? logger = null)
    {
        ArgumentNullException.ThrowIfNull(publisher);
        _settings = settings ?? new EventBufferSettings();
        SettingFault.ThrowIfAny(_settings.Faults("Buffer"));
        _channel = Channel.CreateBounded<BufferedEvent>(new BoundedChannelOptions(_settings.Capacity) { FullMode = BoundedChannelFullMode.Wait, SingleReader = true });
        _loop = new BufferLoop(publisher, _settings, _channel.Reader, logger ?? NullLogger<EventBuffer>.Instance);
        _running = new Lazy<Task>(Start);
    }

    /// <summary>The number of events that wait, without those of the batch under way.</summary>
    public int Count => _channel.Reader.Count;

    /// <summary>Enqueues an event where there is room.</summary>
    /// <returns>False when the buffer is full or stopped: then the event is the caller's.</returns>
    /// <exception cref="ArgumentException">It has an idempotency key or a correlation id, or is larger than a batch.</exception>
    public bool TryEnqueue(EventToPublish eventToPublish)
    {
        var buffered = Take(eventToPublish);
        if (!_channel.Writer.TryWrite(buffered))
        {
            return false;
        }

        PublishTelemetry.Buffered.Add(1);
        return true;
    }

    /// <summary>Enqueues an event. A full buffer is waited for, unless <see cref="EventBufferSettings.WhenFull"/> has it refused.</summary>
    /// <returns>False when the buffer is full and refuses, or is stopped: then the event is the caller's.</returns>
    /// <exception cref="ArgumentException">It has an idempotency key or a correlation id, or is larger than a batch.</exception>
    public async ValueTask<bool> EnqueueAsync(EventToPublish eventToPublish, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_settings.WhenFull == WhenBufferFull.Refuse)
        {
            return TryEnqueue(eventToPublish);
        }

        var buffered = Take(eventToPublish);
        try
        {
            await _channel.Writer.WriteAsync(buffered, cancellationToken).ConfigureAwait(false);
        }
        catch (ChannelClosedException)
        {
            return false;
        }

        PublishTelemetry.Buffered.Add(1);
        return true;
    }

    /// <summary>
    /// Takes no more events and sends those that wait, with retries, until <paramref name="cancellationToken"/> ends it. The rest is logged by its
    /// number and handed to <see cref="EventBufferSettings.OnUndelivered"/>. It may be called again.
    /// </summary>
    public async Task StopAsync(CancellationToken cancellationToken = default)
    {
        _channel.Writer.TryComplete();
        var running = _running.Value;
        using (cancellationToken.UnsafeRegister(static buffer => ((EventBuffer)buffer!).Abort(), this))
        {
            await running.ConfigureAwait(false);
        }
    }

    /// <summary>Gives up what waits, as <see cref="StopAsync"/> does when its time is over. Stop the buffer before, so that it is sent.</summary>
    public async ValueTask DisposeAsync() => await StopAsync(new CancellationToken(canceled: true)).ConfigureAwait(false);

    /// <summary>Gives up what waits, as <see cref="DisposeAsync"/> does.</summary>
    public void Dispose() => StopAsync(new CancellationToken(canceled: true)).GetAwaiter().GetResult();

    private BufferedEvent Take(EventToPublish eventToPublish)
    {
        // Written now: the caller may change its metadata afterwards. The loop runs before there is anything that it could miss.
        var json = EventPublisher.WriteForBatch(eventToPublish);
        _ = _running.Value;
        return BufferedEvent.Of(eventToPublish, json);
    }

    private Task Start()
    {
        // The loop is no part of the request that happened to enqueue the first event.
        var isSuppressed = ExecutionContext.IsFlowSuppressed();
        var flow = isSuppressed ? default : ExecutionContext.SuppressFlow();
        try
        {
            return Task.Run(() => _loop.RunAsync(_abort.Token), CancellationToken.None);
        }
        finally
        {
            if (!isSuppressed)
            {
                flow.Undo();
            }
        }
    }

    private void Abort() => _abort.Cancel();
}
