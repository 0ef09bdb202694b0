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
            _done.SetException(exception is NpgsqlException ? new Events.StoreUnavailableException($"The store cannot be reached at the moment: {exception.Message}", exception) : exception);
            if (exception is NpgsqlException)
            {
                throw;
            }
        }
    }

    public override void Fail(Exception exception) => _done.TrySetException(exception);
}
