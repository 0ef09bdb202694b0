using Microsoft.AspNetCore.Http;

namespace Tests;

/// <summary>Receivers on the loopback, one for each first part of a path, that record the begin and the end of every request.</summary>
internal sealed class RecordingReceiver : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly List<RecordedRequest> _requests = [];
    private readonly RequestDelegate _answer;
    private readonly long _start = TimeProvider.System.GetTimestamp();
    private WebReceiver _web = null!;
    private int _port;

    private RecordingReceiver(RequestDelegate answer) => _answer = answer;

    /// <summary>The time since the start, by the clock of the requests: for the window of a fault.</summary>
    public TimeSpan Now => TimeProvider.System.GetElapsedTime(_start);

    /// <summary>Begins to answer; each request with 200 unless <paramref name="answer"/> sets another status. It writes no body.</summary>
    public static async Task<RecordingReceiver> StartAsync(RequestDelegate? answer = null)
    {
        var receiver = new RecordingReceiver(answer ?? (static _ => Task.CompletedTask));
        receiver._web = await WebReceiver.StartAsync(receiver.ReceiveAsync);
        receiver._port = receiver._web.Url.Port;
        return receiver;
    }

    public Uri Url(string endpoint) => _web.At(endpoint);

    /// <summary>From now on connections are refused.</summary>
    public ValueTask GoAwayAsync() => _web.DisposeAsync();

    /// <summary>Listens again where it did.</summary>
    public async Task ComeBackAsync() => _web = await WebReceiver.StartAsync(ReceiveAsync, port: _port);

    /// <summary>The requests to an endpoint so far.</summary>
    public RecordedRequests Of(string endpoint)
    {
        lock (_lock)
        {
            return new(_requests.FindAll(request => request.Endpoint == endpoint));
        }
    }

    /// <summary>True when there was such a request, to whichever endpoint.</summary>
    public bool IsAny(Predicate<RecordedRequest> which)
    {
        lock (_lock)
        {
            return _requests.FindLastIndex(which) >= 0;
        }
    }

    public ValueTask DisposeAsync() => _web.DisposeAsync();

    private async Task ReceiveAsync(HttpContext context)
    {
        var began = Now;
        var events = await CountingReceiver.IdsAsync(context.Request);
        int place;
        lock (_lock)
        {
            place = _requests.Count;
            _requests.Add(new RecordedRequest(context.Request.Path.Value!.Split('/')[1], events, began));
        }

        try
        {
            await _answer(context);
        }
        finally
        {
            // The sender may begin its next request as soon as it has the answer, which goes out after this.
            lock (_lock)
            {
                _requests[place] = _requests[place] with { Ended = Now, Status = context.RequestAborted.IsCancellationRequested ? 0 : context.Response.StatusCode };
            }
        }
    }
}
