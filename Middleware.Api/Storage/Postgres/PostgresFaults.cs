using Middleware.Events;
using Npgsql;

namespace Middleware.Storage.Postgres;

/// <summary>The kinds of errors, by their class: https://www.postgresql.org/docs/current/errcodes-appendix.html</summary>
internal static class PostgresFaults
{
    /// <inheritdoc cref="Sql.IStoreWriter.IsPassing"/>
    public static bool IsPassing(Exception exception) =>
        exception is PostgresException { SqlState: PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure };

    /// <summary>True for errors that do not lie in the server, its resources or its operator.</summary>
    public static bool IsOfARow(Exception exception) => exception switch
    {
        PostgresException { SqlState: PostgresErrorCodes.InsufficientPrivilege or PostgresErrorCodes.UndefinedTable } => false,
        PostgresException { SqlState: var state } => !(state.Length > 1 && state[..2] is "08" or "25" or "40" or "53" or "55" or "57" or "58" or "XX"),
        NpgsqlException or StoreUnavailableException or TimeoutException or IOException => false,
        _ => true,
    };
}
