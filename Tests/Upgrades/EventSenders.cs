using System.Collections.Concurrent;
using System.Globalization;

namespace Tests.Upgrades;

/// <summary>Senders that post one event after the other. One that gets no 200 sends the same request again, with the same <c>Idempotency-Key</c>, until it gets it.</summary>
internal sealed class EventSenders(IEventProxy proxy, IReadOnlyList<string> eventTypes, Func<TimeSpan> now) : IAsyncDisposable
{
    private static readonly TimeSpan AfterFailure = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly CancellationTokenSource _stopped = new();
    private readonly ConcurrentQueue<PostedEvent> _posted = new();
    private readonly ConcurrentQueue<FailedPost> _failed = new();
    private Task _running = Task.CompletedTask;

    public IReadOnlyCollection<PostedEvent> Posted => _posted;

    /// <summary>The requests of which the senders saw that they failed.</summary>
    public IReadOnlyCollection<FailedPost> Failed => _failed;

    /// <summary>Posts an event under its key, once.</summary>
    public static Task<HttpResponseMessage> PostAsync(HttpClient client, string body, string key) =>
        client.SendJson(HttpMethod.Post, "/integrations/events", body, $"Idempotency-Key: {key}");

    public void Start(int count) => _running = Task.WhenAll(Enumerable.Range(0, count).Select(sender => Task.Run(() => PostAsync(sender))));

    /// <summary>Waits until so many more events are answered.</summary>
    public async Task UntilPostedAsync(int more)
    {
        var wanted = _posted.Count + more;
        await Waiting.WithinTheTest(() => _posted.Count >= wanted || _running.IsCompleted);
        if (_running.IsCompleted)
        {
            await _running;
        }
    }

    /// <summary>Ends the load: each sender ends with the answer to its event.</summary>
    public async Task StopAsync()
    {
        await _stopped.CancelAsync();
        await _running;
    }

    public async ValueTask DisposeAsync()
    {
        await _stopped.CancelAsync();
        await _running.ContinueWith(static _ => { }, TaskScheduler.Default);
        _stopped.Dispose();
    }

    private async Task PostAsync(int sender)
    {
        for (var number = 0; !_stopped.IsCancellationRequested; number++)
        {
            var key = string.Create(CultureInfo.InvariantCulture, $"{sender}-{number}");
            await UntilAnsweredAsync(key, new JsonObject { ["source"] = key, ["event_type"] = eventTypes[(sender + number) % eventTypes.Count], ["severity"] = "low", ["message"] = "m" }.ToJsonString());
        }
    }

    private async Task UntilAnsweredAsync(string key, string body)
    {
        var first = now();
        while (true)
        {
            var began = now();
            var (id, fault, detail) = await TryAsync(key, body);
            if (id is not null)
            {
                _posted.Enqueue(new PostedEvent(id, first, now()));
                return;
            }

            _failed.Enqueue(new FailedPost(began, now(), fault, IsHidden: false, detail));
            if (now() - first > Patience)
            {
                throw new InvalidOperationException($"The event {key} is not accepted after {Patience.TotalSeconds} s: {fault}, {detail}");
            }

            await Task.Delay(AfterFailure, TimeProvider.System, Waiting.Cancellation);
        }
    }

    private async Task<(string? Id, PostFault Fault, string Detail)> TryAsync(string key, string body)
    {
        try
        {
            using var answer = await proxy.PostAsync(body, key);
            return answer.StatusCode switch
            {
                HttpStatusCode.OK => ((string)JsonNode.Parse(await answer.Content.ReadAsStringAsync(Waiting.Cancellation))!["event_id"]!, default, ""),
                HttpStatusCode.ServiceUnavailable => (null, PostFault.Unavailable, answer.ReasonPhrase ?? ""),
                var status => (null, PostFault.Other, $"{(int)status} " + await answer.Content.ReadAsStringAsync(Waiting.Cancellation)),
            };
        }
        catch (HttpRequestException fault)
        {
            return (null, ReadyReplicas.IsRefused(fault) ? PostFault.Refused : PostFault.Broken, $"{fault.Message} {fault.InnerException?.Message}");
        }
        catch (TimeoutException)
        {
            return (null, PostFault.Other, "no answer");
        }
    }
}
