using Middleware.Audit;
using Middleware.Events;
using Middleware.Storage.AtRest;

namespace Middleware.Storage.Sql;

/// <summary>The rows of the audit log, each chained to the one before.</summary>
internal static class AuditRows
{
    /// <summary>The part of the store that a transaction locks before it appends.</summary>
    public const string Part = "audit";

    private const int PurgedAtOnce = 500;

    private const string Purged = "audit.purged";

    private const string Columns = "no, at, actor, note, action, target, old, new, data_key, hash";

    /// <summary>Appends a change in the transaction that makes it.</summary>
    public static void Append(WriteTransaction transaction, DataKeys? keys, Actor by, AuditedChange change) =>
        Append(transaction.Connection, transaction.Now, keys, by, change);

    /// <summary>Appends a change in the transaction of a connection.</summary>
    public static void Append(ISqlConnection connection, DateTimeOffset now, DataKeys? keys, Actor by, AuditedChange change)
    {
        connection.LockForTransaction(Part);
        var head = Head(connection);
        var (number, at) = (head.Number + 1, StoredTime.From(now));
        var (dataKeyId, key) = keys?.AuditKey() ?? default;
        var hash = AuditHash.Of(head.Hash.Span, key, number, at, by.Name, by.Note, change.Action, change.Target, change.Before, change.After);
        using var insert = connection.Prepare($"INSERT INTO audit ({Columns}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)");
        insert.Bind(1, number).Bind(2, at).Bind(3, by.Name).Bind(4, by.Note).Bind(5, change.Action).Bind(6, change.Target)
            .Bind(7, change.Before).Bind(8, change.After).Bind(9, (long)dataKeyId).Bind(10, hash).Run();
    }

    /// <summary>Appends the first row with a key, from which on a row without one is a fault.</summary>
    public static void BeginKeys(ISqlConnection connection, DataKeys keys, DateTimeOffset now)
    {
        connection.LockForTransaction(Part);
        using var find = connection.Prepare("SELECT 1 FROM audit WHERE data_key <> 0 LIMIT 1");
        if (find.Scalar() is null)
        {
            Append(connection, now, keys, Actor.Service, new AuditedChange("audit.keyed", "audit"));
        }
    }

    /// <summary>The end of the log, which is the anchor where all was purged.</summary>
    public static AuditHead Head(ISqlConnection connection) =>
        First(connection, "SELECT no, hash FROM audit ORDER BY no DESC LIMIT 1") ?? Anchor(connection);

    /// <summary>The row before the first one.</summary>
    public static AuditHead Anchor(ISqlConnection connection) => First(connection, "SELECT no, hash FROM audit_anchor ORDER BY no DESC LIMIT 1") ?? AuditHead.None;

    public static List<AuditedRow> Read(ISqlConnection connection, AuditQuery query, long before, int limit)
    {
        using var read = connection.Prepare($"""
            SELECT {Columns} FROM audit
            WHERE no < ?1 AND (?2 IS NULL OR actor = ?2) AND (?3 IS NULL OR action = ?3) AND (?4 IS NULL OR target = ?4) AND at >= ?5 AND at < ?6
            ORDER BY no DESC LIMIT ?7
            """);
        var found = new List<AuditedRow>();
        read.Bind(1, before).Bind(2, query.Actor).Bind(3, query.Action).Bind(4, query.Target)
            .Bind(5, query.Since is { } since ? StoredTime.From(since) : long.MinValue).Bind(6, query.Until is { } until ? StoredTime.From(until) : long.MaxValue).Bind(7, (long)limit)
            .ForEach(row => found.Add(Row(row)));
        return found;
    }

    /// <summary>
    /// Purges the oldest rows from before a time, all but the newest; true when there may be more. A row that names the anchor shows that the service did it.
    /// </summary>
    public static bool Purge(WriteTransaction transaction, DataKeys? keys, DateTimeOffset before)
    {
        var connection = transaction.Connection;
        using var find = connection.Prepare(
            """
            SELECT max(no) FROM (SELECT no FROM audit WHERE no < (SELECT max(no) FROM audit)
            AND no < (SELECT min(no) FROM audit WHERE at >= ?1 OR no = (SELECT max(no) FROM audit)) ORDER BY no LIMIT ?2) purged
            """);
        if (find.Bind(1, StoredTime.From(before)).Bind(2, PurgedAtOnce).Scalar() is not (> 0 and var last))
        {
            return false;
        }

        using var anchor = connection.Prepare("INSERT INTO audit_anchor SELECT no, hash FROM audit WHERE no = ?1");
        anchor.Bind(1, last).Run();
        using var old = connection.Prepare("DELETE FROM audit_anchor WHERE no < ?1");
        old.Bind(1, last).Run();
        using var purge = connection.Prepare("DELETE FROM audit WHERE no <= ?1");
        purge.Bind(1, last).Run();
        var isFull = purge.Changes >= PurgedAtOnce;
        Append(transaction, keys, Actor.Service, new AuditedChange(Purged, Anchor(connection).ToString()));
        return isFull;
    }

    /// <summary>Checks the chain; returns its end and the number of rows, and the fault of the first row that does not fit; null for none.</summary>
    public static (AuditHead Head, long Rows, bool IsKeyed, string? Fault) Verify(ISqlConnection connection, DataKeys? keys, AuditHead? expected)
    {
        var anchor = Anchor(connection);
        var (head, purged) = (anchor, (string?)null);
        var (rows, keyed, sawExpected, fault) = (0L, 0L, expected is null || IsSame(expected.Value, head), (string?)null);
        using var read = connection.Prepare($"SELECT {Columns} FROM audit ORDER BY no");
        read.While(row =>
        {
            var number = Column.Number(row, 0);
            var dataKeyId = Column.Count(row, 8);
            var key = dataKeyId == 0 ? null : keys?.AuditKey(dataKeyId);
            fault = number != head.Number + 1 ? $"row {head.Number + 1} is missing; the next one is {number}"
                : dataKeyId == 0 && keyed > 0 ? $"row {number} has a hash without a key, behind rows with one"
                : dataKeyId != 0 && key is null ? $"row {number} is hashed with the data key {dataKeyId}, which MASTER_KEY does not open"
                : AuditHash.Of(
                    head.Hash.Span, key, number, Column.Number(row, 1), Column.Text(row, 2), Column.TextOrNull(row, 3), Column.Text(row, 4), Column.Text(row, 5),
                    Column.TextOrNull(row, 6), Column.TextOrNull(row, 7)).AsSpan().SequenceEqual(Column.Bytes(row, 9)) ? null
                : $"row {number} was changed, or one before it";
            head = new AuditHead(number, Column.Bytes(row, 9));
            purged = Column.Text(row, 4) == Purged ? Column.Text(row, 5) : purged;
            (rows, keyed, sawExpected) = (rows + 1, keyed + (dataKeyId == 0 ? 0 : 1), sawExpected || IsSame(expected!.Value, head));
            return fault is null;
        });
        fault ??= anchor.Number > 0 && purged != anchor.ToString() ? $"the rows up to {anchor.Number} are gone, and no row shows that they were purged"
            : keys is { IsEmpty: false } && keyed == 0 ? "no row has a hash with a key, and the store has data keys"
            : null;
        return (head, rows, keyed == rows, fault ?? (sawExpected ? null : $"the head {expected} is not in it: rows were cut off, or the store is older than the head"));
    }

    private static StoredJson? Json(ISqlRow row, int column) => Column.IsNull(row, column) ? null : StoredJson.Of(Column.Bytes(row, column));

    private static bool IsSame(AuditHead one, AuditHead other) => one.Number == other.Number && one.Hash.Span.SequenceEqual(other.Hash.Span);

    private static AuditHead? First(ISqlConnection connection, string sql)
    {
        AuditHead? found = null;
        using var read = connection.Prepare(sql);
        read.ForEach(row => found = new AuditHead(Column.Number(row, 0), Column.Bytes(row, 1)));
        return found;
    }

    private static AuditedRow Row(ISqlRow row) => new()
    {
        Number = Column.Number(row, 0),
        At = Column.Time(row, 1),
        Actor = Column.Text(row, 2),
        Note = Column.TextOrNull(row, 3),
        Action = Column.Text(row, 4),
        Target = Column.Text(row, 5),
        Before = Json(row, 6),
        After = Json(row, 7),
        DataKeyId = Column.Count(row, 8),
        Hash = Convert.ToHexStringLower(Column.Bytes(row, 9)),
    };
}
