using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Middleware.Events;
using Npgsql;

namespace Middleware.Storage.Postgres;

/// <summary>Something that is done with the writer's session between two transactions; its caller waits on the task.</summary>
internal abstract class SessionWork
{
    /// <summary>Does it. A failure is its caller's, and thrown on where the session may have ended by it.</summary>
    public abstract void Do(PostgresSession session);

    public abstract void Fail(Exception exception);
}

/// <summary>Such work with a result.</summary>
internal sealed class SessionWork<T>(Func<PostgresSession, T> work) : SessionWork
{
    private readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<T> Task => _done.Task;

    public override void Do(PostgresSession session)
    {
        try
        {
            _done.SetResult(work(session));
        }
        catch (Exception exception)
        {
            _done.SetException(exception is NpgsqlException ? new StoreUnavailableException($"The store cannot be reached at the moment: {exception.Message}", exception) : exception);
            if (exception is NpgsqlException)
            {
                throw;
            }
        }
    }

    public override void Fail(Exception exception) => _done.TrySetException(exception);
}

/// <summary>The work that waits for the writer's session. It is added on any thread.</summary>
internal sealed class SessionWorks
{
    private readonly ConcurrentQueue<SessionWork> _waiting = [];
    private volatile bool _isClosed;

    public Task<T> Add<T>(Func<PostgresSession, T> work)
    {
        var item = new SessionWork<T>(work);
        _waiting.Enqueue(item);
        if (_isClosed)
        {
            // Nobody would do it.
            Fail(Closed());
        }

        return item.Task;
    }

    public bool TryTake([NotNullWhen(true)] out SessionWork? work) => _waiting.TryDequeue(out work);

    public void Fail(StoreUnavailableException refusal)
    {
        while (_waiting.TryDequeue(out var work))
        {
            work.Fail(refusal);
        }
    }

    /// <summary>Fails what waits, and all that comes from now on.</summary>
    public void Close()
    {
        _isClosed = true;
        Fail(Closed());
    }

    private static StoreUnavailableException Closed() => new("The store is closed.");
}
