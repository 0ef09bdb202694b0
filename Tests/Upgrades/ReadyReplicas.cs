using System.Collections.Concurrent;
using System.Net.Sockets;

namespace Tests.Upgrades;

/// <summary>
/// The proxy before several replicas, by the rules of <c>deploy/compose/haproxy.cfg</c>: the fewest requests, only replicas whose readiness answers 200, and
/// another replica for a request whose connection was refused. All else goes to the sender. A single service has no proxy.
/// </summary>
internal sealed class ReadyReplicas : IEventProxy
{
    private const int Retries = 2;
    private const int Falls = 2;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(1);

    private readonly Backend[] _backends;
    private readonly Func<TimeSpan> _now;
    private readonly CancellationTokenSource _stopped = new();
    private readonly ConcurrentQueue<FailedPost> _hidden = new();
    private readonly Task _checking;
    private int _turn;

    public ReadyReplicas(IEnumerable<ReplaceableService> services, Func<TimeSpan> now)
    {
        _now = now;
        _backends = [.. services.Select(static service => new Backend(service))];
        _checking = _backends.Length == 1 ? Task.CompletedTask : Task.WhenAll(_backends.Select(backend => Task.Run(() => CheckAsync(backend))));
    }

    public IReadOnlyCollection<FailedPost> Hidden => _hidden;

    public Task UntilReadyAsync(ReplaceableService replica) => Waiting.Until(() => _backends.Single(backend => backend.Service == replica).IsReady);

    /// <summary>Posts an event to a ready replica. An answer of its own is 503.</summary>
    public async Task<HttpResponseMessage> PostAsync(string body, string key)
    {
        Backend? refused = null;
        for (var left = Retries; ; left--)
        {
            if (Next(refused) is not { } backend)
            {
                return new HttpResponseMessage(HttpStatusCode.ServiceUnavailable) { ReasonPhrase = "No replica is ready" };
            }

            var began = _now();
            Interlocked.Increment(ref backend.UnderWay);
            try
            {
                return await EventSenders.PostAsync(backend.Service.Client, body, key);
            }
            catch (HttpRequestException fault) when (left > 0 && _backends.Length > 1 && IsRefused(fault))
            {
                _hidden.Enqueue(new FailedPost(began, _now(), PostFault.Refused, IsHidden: true, backend.Service.Name));
                refused = backend;
            }
            finally
            {
                Interlocked.Decrement(ref backend.UnderWay);
            }
        }
    }

    public static bool IsRefused(HttpRequestException fault) => fault.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionRefused };

    public async ValueTask DisposeAsync()
    {
        await _stopped.CancelAsync();
        await _checking;
        _stopped.Dispose();
    }

    /// <summary>The ready replica with the fewest requests, in turn; that which has just refused only when there is no other.</summary>
    private Backend? Next(Backend? refused)
    {
        var turn = Interlocked.Increment(ref _turn);
        return _backends.Select((backend, place) => (backend, place)).Where(static one => one.backend.IsReady)
            .OrderBy(one => one.backend == refused).ThenBy(static one => Volatile.Read(ref one.backend.UnderWay)).ThenBy(one => (one.place + turn) % _backends.Length)
            .Select(static one => one.backend).FirstOrDefault();
    }

    private async Task CheckAsync(Backend backend)
    {
        using var client = new HttpClient { BaseAddress = backend.Service.Address, Timeout = Limit };
        client.DefaultRequestHeaders.ConnectionClose = true;
        using var timer = new PeriodicTimer(Interval);
        try
        {
            do
            {
                backend.Note(await IsReadyAsync(client));
            }
            while (await timer.WaitForNextTickAsync(_stopped.Token));
        }
        catch (OperationCanceledException) when (_stopped.IsCancellationRequested)
        {
            // The load has ended.
        }
    }

    private async Task<bool> IsReadyAsync(HttpClient client)
    {
        try
        {
            using var answer = await client.GetAsync(new Uri("/health/ready", UriKind.Relative), _stopped.Token);
            return answer.StatusCode == HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            return false;
        }
        catch (TaskCanceledException) when (!_stopped.IsCancellationRequested)
        {
            // It did not answer in time.
            return false;
        }
    }

    /// <summary>A replica as the proxy sees it.</summary>
    private sealed class Backend(ReplaceableService service)
    {
        public int UnderWay;

        private volatile bool _isReady = true;
        private int _failures;

        public ReplaceableService Service => service;

        public bool IsReady => _isReady;

        public void Note(bool isReady)
        {
            _failures = isReady ? 0 : _failures + 1;
            _isReady = isReady || (_isReady && _failures < Falls);
        }
    }
}
