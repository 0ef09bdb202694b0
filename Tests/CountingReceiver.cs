using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;

namespace Tests;

/// <summary>
/// Receivers on the loopback, one for each first part of a path, that count how often each event came to them, alone or in a batch, and how
/// often it was answered. All or one of them can keep silent.
/// </summary>
internal sealed class CountingReceiver : IAsyncDisposable
{
    private const string All = "";

    private readonly ConcurrentDictionary<(string Receiver, string Event), int> _came = new();
    private readonly ConcurrentDictionary<string, int> _answered = new();
    private readonly ConcurrentDictionary<(string Replay, string Event), int> _replayed = new();
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _held = new();
    private WebReceiver _web = null!;
    private int _left = int.MaxValue;
    private int _underWay;

    private CountingReceiver()
    {
    }

    /// <summary>The status of all answers.</summary>
    public int Status { get; set; } = StatusCodes.Status200OK;

    public Uri Address => _web.Url;

    /// <summary>The number of times that events came, answered or not.</summary>
    public int Came => _came.Values.Sum();

    /// <summary>The requests that are not answered and not broken off yet.</summary>
    public int UnderWay => Volatile.Read(ref _underWay);

    /// <summary>The ids of the events that were answered, replays left out.</summary>
    public ICollection<string> Received => _answered.Keys;

    /// <summary>The number of answers to each event with the id of a replay.</summary>
    public IReadOnlyDictionary<(string Replay, string Event), int> Replayed => _replayed;

    public IEnumerable<string> Duplicates => _answered.Where(static seen => seen.Value > 1).Select(static seen => seen.Key);

    public int DuplicateCount => _answered.Values.Sum(static times => times - 1);

    public static async Task<CountingReceiver> StartAsync()
    {
        var receiver = new CountingReceiver();
        receiver._web = await WebReceiver.StartAsync(receiver.CountAsync);
        return receiver;
    }

    public Uri Url(string receiver) => _web.At(receiver);

    /// <summary>The number of times that an event came to one receiver, answered or not.</summary>
    public int Times(string receiver, string eventId) => _came.GetValueOrDefault((receiver, eventId));

    /// <summary>From now on this receiver, or all of them, answers nothing.</summary>
    public void Hold(string receiver = All) => _held.GetOrAdd(receiver, static _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));

    /// <summary>From now on so many are answered, and nothing after them.</summary>
    public void ReleaseOnly(int count)
    {
        Volatile.Write(ref _left, count);
        Open(All);
    }

    public void Release() => ReleaseOnly(int.MaxValue);

    public void Release(string receiver) => Open(receiver);

    /// <summary>Waits until it knows that the senders of all that it holds are gone: what is released before is answered, though nobody hears it.</summary>
    public Task WhenAbandonedAsync() => Waiting.WithinTheTest(() => UnderWay == 0);

    public async ValueTask DisposeAsync()
    {
        Release();
        foreach (var receiver in _held.Keys)
        {
            Open(receiver);
        }

        await _web.DisposeAsync();
    }

    private void Open(string receiver)
    {
        if (_held.TryRemove(receiver, out var held))
        {
            held.SetResult();
        }
    }

    private async Task CountAsync(HttpContext context)
    {
        Interlocked.Increment(ref _underWay);
        try
        {
            await ReceiveAsync(context);
        }
        finally
        {
            Interlocked.Decrement(ref _underWay);
        }
    }

    private async Task ReceiveAsync(HttpContext context)
    {
        var receiver = context.Request.Path.Value!.Split('/')[1];
        var ids = await IdsAsync(context.Request);
        foreach (var id in ids)
        {
            _came.AddOrUpdate((receiver, id), 1, static (_, times) => times + 1);
        }

        if (Interlocked.Decrement(ref _left) == -1)
        {
            Hold();
        }

        await OpenedAsync(All, context.RequestAborted);
        await OpenedAsync(receiver, context.RequestAborted);
        context.Response.StatusCode = Status;
        foreach (var id in ids)
        {
            if (context.Request.Headers["X-Replay-Id"].ToString() is { Length: > 0 } replay)
            {
                _replayed.AddOrUpdate((replay, id), 1, static (_, times) => times + 1);
            }
            else
            {
                _answered.AddOrUpdate(id, 1, static (_, times) => times + 1);
            }
        }
    }

    private Task OpenedAsync(string receiver, CancellationToken aborted) =>
        _held.TryGetValue(receiver, out var held) ? held.Task.WaitAsync(aborted) : Task.CompletedTask;

    /// <summary>The ids of the events of a batch, which CloudEvents name otherwise, or the id of the one event.</summary>
    public static async Task<IReadOnlyList<string>> IdsAsync(HttpRequest request)
    {
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body, request.HttpContext.RequestAborted);
        return body.ToArray() is [(byte)'[', ..] and var batch
            ? [.. JsonNode.Parse(batch)!.AsArray().Select(static item => (string)(item!["event_id"] ?? item["id"])!)]
            : [request.Headers["webhook-id"].ToString()];
    }
}
