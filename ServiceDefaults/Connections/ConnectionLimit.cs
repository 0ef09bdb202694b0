using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using ServiceDefaults.Logging;

namespace ServiceDefaults.Connections;

/// <summary>
/// Bounds the connections of all listeners together. So files and memory are left for deliveries, the store and the runtime, which remembers an
/// assembly that it could not open. The last few connections displace each other: a health probe gets in while others hold all the rest and say
/// nothing.
/// </summary>
internal sealed partial class ConnectionLimit : IDisposable
{
    /// <summary>The number of connections that displace each other.</summary>
    public const int Passing = 32;

    private const int Fewest = 2 * Passing;

    // The buffers of a connection whose client sends and does not read (ServerLimits), and a quarter of the memory for all of them. The header's
    // texts, and TLS with buffers of its own, double it at most.
    private const long MemoryEach = 128 << 10;
    private const int ShareOfMemory = 4;

    private readonly Lock _gate = new();
    private readonly LinkedList<ConnectionContext> _passing = [];
    private readonly IHostApplicationLifetime _lifetime;
    private readonly ILogger<ConnectionLimit> _logger;
    private readonly LogCap _closedLines;
    private TaskCompletionSource? _none;
    private int _most;
    private int _staying;

    public ConnectionLimit(IHostApplicationLifetime lifetime, TimeProvider clock, ILogger<ConnectionLimit> logger)
    {
        _lifetime = lifetime;
        _logger = logger;
        _closedLines = new LogCap(clock, ClosedLinesLeftOut);
    }

    /// <summary>Sets the limit, for the first listener: then all files of the start are open.</summary>
    public void Begin()
    {
        if (_most == 0)
        {
            var (limit, open) = (OpenFiles.Limit, OpenFiles.Count);
            _most = MostOf(limit, open, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);
            _lifetime.ApplicationStarted.Register(() => Limited(_most, limit, open));
        }
    }

    /// <summary>
    /// Gives a connection its place as soon as it is accepted. The server takes it up on a thread of the pool, and until then the listener could have
    /// accepted hundreds more.
    /// </summary>
    public void Admit(ConnectionContext connection)
    {
        var place = Enter(connection, out var displaced);
        if (place is not null)
        {
            connection.Features.Set(place);
        }

        if (displaced is not null)
        {
            displaced.Abort(new ConnectionAbortedException("Another connection took its place."));
            if (_closedLines.Allows())
            {
                Closed(_most);
            }
        }
    }

    /// <summary>The entry of admitted connections to the server.</summary>
    public ConnectionDelegate Guard(ConnectionDelegate next) => async connection =>
    {
        try
        {
            await next(connection);
        }
        finally
        {
            Leave(connection.Features.Get<LinkedListNode<ConnectionContext>>());
        }
    };

    /// <summary>Ends when no connection is open.</summary>
    public Task WhenNoneAsync()
    {
        lock (_gate)
        {
            return IsNone ? Task.CompletedTask : (_none ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }

    public void Dispose() => _closedLines.Dispose();

    private bool IsNone => _staying == 0 && _passing.Count == 0;

    /// <summary>Half of the files that may still be opened, and the number that a quarter of the memory bears.</summary>
    internal static int MostOf(long? fileLimit, int open, long availableBytes) =>
        (int)Math.Clamp(Math.Min(((fileLimit ?? long.MaxValue) - open) / 2, availableBytes / ShareOfMemory / MemoryEach), Fewest, int.MaxValue);

    /// <summary>The place among those that displace each other; null for one that stays.</summary>
    private LinkedListNode<ConnectionContext>? Enter(ConnectionContext connection, out ConnectionContext? displaced)
    {
        displaced = null;
        lock (_gate)
        {
            if (_staying < _most - Passing)
            {
                _staying++;
                return null;
            }

            if (_passing.Count == Passing)
            {
                displaced = _passing.First!.Value;
                _passing.RemoveFirst();
            }

            return _passing.AddLast(connection);
        }
    }

    private void Leave(LinkedListNode<ConnectionContext>? place)
    {
        lock (_gate)
        {
            if (place is null)
            {
                _staying--;
            }
            else if (place.List is not null)
            {
                _passing.Remove(place);
            }

            if (IsNone)
            {
                _none?.TrySetResult();
            }
        }
    }

    [LoggerMessage(LogLevel.Information, "connections are limited")]
    private partial void Limited(int connections, long? openFilesLimit, int openFiles);

    [LoggerMessage(LogLevel.Warning, "connection closed: too many are open")]
    private partial void Closed(int connections);

    [LoggerMessage(LogLevel.Warning, "connection closed: more in the last second")]
    private partial void ClosedLinesLeftOut(int leftOut);
}
