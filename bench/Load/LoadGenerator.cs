using System.Diagnostics;
using Bench.Serve;

namespace Bench.Load;

/// <summary>
/// Sends events over many connections from one thread, as cheaply as .NET can, because generator, service and receiver share the cores.
/// Every response is checked; one that cannot be read ends the run.
/// </summary>
internal sealed class LoadGenerator : IDisposable
{
    private static readonly TimeSpan Stalled = TimeSpan.FromSeconds(60);

    private readonly LoadConnection[] _connections;
    private readonly IPoller _poller;
    private readonly (byte[] Bytes, int StampAt)[] _requests;
    private readonly Stack<int> _idle = [];
    private readonly int[] _ready;

    public LoadGenerator(IPEndPoint target, int connections)
        : this(target, connections, EventRequests.For(target))
    {
    }

    /// <summary>The requests are sent in turn, from the first in each phase.</summary>
    public LoadGenerator(IPEndPoint target, int connections, byte[][] requests)
        : this([target], connections, requests)
    {
    }

    /// <summary>The same, with as many connections to each target, or one more.</summary>
    public LoadGenerator(IReadOnlyList<IPEndPoint> targets, int connections, byte[][] requests)
    {
        _requests = [.. requests.Select(static request => (request, SentStamp.Find(request)))];
        _connections = [.. Enumerable.Range(0, connections).Select(number => new LoadConnection(targets[number % targets.Count]))];
        _poller = Poller.Create(connections);
        _ready = new int[connections];
        for (var slot = 0; slot < connections; slot++)
        {
            _poller.Watch(slot, _connections[slot].Socket, write: false);
            _idle.Push(slot);
        }
    }

    /// <summary>Runs one phase to its end, when every request sent has its answer.</summary>
    public LoadResult Run(Pace pace, CancellationToken cancellationToken) => Run(pace, new LoadResult(pace.Start), cancellationToken);

    /// <summary>Runs until the server is gone; what was answered till then is what counts.</summary>
    public LoadResult RunUntilGone(CancellationToken cancellationToken)
    {
        var pace = Pace.Saturate(TimeSpan.FromMinutes(1));
        var result = new LoadResult(pace.Start) { Ids = [] };
        try
        {
            Run(pace, result, cancellationToken);
        }
        catch (BenchException) when (result.Accepted > 0)
        {
            return result;
        }

        throw new BenchException("the server was to be killed under load and was not");
    }

    private LoadResult Run(Pace pace, LoadResult result, CancellationToken cancellationToken)
    {
        var answeredAt = pace.Start;
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var now = Stopwatch.GetTimestamp();
            while (_idle.Count > 0 && pace.TryNext(now, out var intended))
            {
                Send(_idle.Pop(), pace, intended);
            }

            if (_idle.Count == _connections.Length && pace.IsOver(now))
            {
                return result;
            }

            var wait = _idle.Count > 0 && !pace.IsOver(now) ? pace.Until(now) : 100_000;
            var ready = _poller.Wait(wait, _ready);
            foreach (var slot in _ready.AsSpan(0, ready))
            {
                answeredAt = Serve(slot, pace, result, answeredAt);
            }

            if (_idle.Count < _connections.Length && ready == 0 && Stopwatch.GetElapsedTime(answeredAt) > Stalled)
            {
                throw new BenchException($"no answer for {Stalled.TotalSeconds} s with {_connections.Length - _idle.Count} requests under way");
            }
        }
    }

    public void Dispose()
    {
        foreach (var connection in _connections)
        {
            connection.Dispose();
        }
    }

    private long Serve(int slot, Pace pace, LoadResult result, long answeredAt)
    {
        var connection = _connections[slot];
        if (connection.HasUnsent)
        {
            connection.SendRest();
            _poller.Watch(slot, connection.Socket, connection.HasUnsent);
        }

        var status = connection.Receive();
        if (status == 0)
        {
            return answeredAt;
        }

        var now = Stopwatch.GetTimestamp();
        result.Record(status, connection.Intended, now);
        if (status == 200 && result.Ids is { } ids)
        {
            ids.Add(EventTally.IdIn(connection.Response));
        }

        // At once, not after the other sockets that are ready: the server has another core to work on it.
        if (pace.TryNext(now, out var intended))
        {
            Send(slot, pace, intended);
        }
        else
        {
            _idle.Push(slot);
        }

        return now;
    }

    private void Send(int slot, Pace pace, long intended)
    {
        var connection = _connections[slot];
        var (request, stampAt) = _requests[(pace.Sent - 1) % _requests.Length];
        if (stampAt < 0)
        {
            connection.Send(request, intended);
        }
        else
        {
            connection.SendStamped(request, stampAt, intended);
        }

        if (connection.HasUnsent)
        {
            _poller.Watch(slot, connection.Socket, write: true);
        }
    }
}
