using Middleware.Storage.Sql;

namespace Tests.Middleware.Storage.Postgres;

/// <summary>Changes that fail their transaction once, by an error that passes.</summary>
internal static class EndedTransactions
{
    public const string Fail = "DO $$ BEGIN RAISE EXCEPTION 'refused' USING ERRCODE = 'serialization_failure'; END $$";

    /// <summary>A change that fails at first, and whose session may end then: the client sees that end with its next command, which rolls back.</summary>
    public static Func<WriteTransaction, bool> FailOnce(this PostgresDatabase database, bool endsSession)
    {
        var hasFailed = false;
        return transaction =>
        {
            if (hasFailed)
            {
                return true;
            }

            hasFailed = true;
            using var session = transaction.Connection.Prepare("SELECT pg_backend_pid()");
            var backend = session.Scalar();
            using var fail = transaction.Connection.Prepare(Fail);
            try
            {
                fail.Run();
            }
            finally
            {
                if (endsSession)
                {
                    using var end = database.Source.CreateCommand($"SELECT pg_terminate_backend({backend}, {Waiting.TestLimit})");
                    end.ExecuteNonQuery();
                }
            }

            return false;
        };
    }
}
