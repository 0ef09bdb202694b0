namespace Middleware.Storage.Sql;

/// <summary>
/// The numbers of changes that replicas have in common. A change advances its number in its transaction, so a replica that knows the number knows all changes.
/// A store for one process keeps none.
/// </summary>
internal static class SharedVersions
{
    public const string Endpoints = "endpoints_version";
    public const string Keys = "keys_version";

    private const string Generation = "config_generation";

    /// <summary>The number of the last change; 0 before the first.</summary>
    public static long Read(ISqlConnection connection, string name)
    {
        using var read = connection.Prepare("SELECT value FROM counters WHERE name = ?1");
        return read.Bind(1, name).Scalar() ?? 0;
    }

    /// <summary>True when <paramref name="known"/> is the number still. No other replica changes it until the transaction ends.</summary>
    public static bool IsStill(WriteTransaction transaction, string name, long known)
    {
        // Each change of these appends to the audit log, whose lock comes first: in two orders two replicas would wait for each other.
        transaction.Connection.LockForTransaction(AuditRows.Part);
        return Read(transaction.Connection, name) == known;
    }

    /// <summary>
    /// Raises the generation of the configuration that is in force; false when it is higher already. A change that another replica makes by a lower one fails
    /// from now on: the number of the endpoints advances too.
    /// </summary>
    public static bool TryRaise(WriteTransaction transaction, long generation)
    {
        transaction.Connection.LockForTransaction(AuditRows.Part);
        var inForce = Read(transaction.Connection, Generation);
        if (generation > inForce)
        {
            using var raise = transaction.Connection.Prepare("INSERT INTO counters (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = ?2");
            raise.Bind(1, Generation).Bind(2, generation).Run();
            Advance(transaction, Endpoints);
        }

        return generation >= inForce;
    }

    /// <summary>Advances the number, after <see cref="IsStill"/>.</summary>
    public static void Advance(WriteTransaction transaction, string name)
    {
        using var advance = transaction.Connection.Prepare("INSERT INTO counters (name, value) VALUES (?1, 1) ON CONFLICT (name) DO UPDATE SET value = counters.value + 1");
        advance.Bind(1, name).Run();
    }
}
