namespace Middleware.Storage.Copying;

/// <summary>The values of a column, and how they change on the way.</summary>
internal enum ColumnKind
{
    /// <summary>A whole number of 16 bits; a damaged one beyond them is the nearest of them.</summary>
    Small,

    /// <summary>The same of 32 bits.</summary>
    Whole,

    /// <summary>The same of 64 bits.</summary>
    Long,

    Text,
    Bytes,

    /// <summary>The sequence number of an event or of a delivery.</summary>
    Sequence,

    /// <summary>The place of a replay, which is a sequence number where it walks events.</summary>
    ReplayPlace,

    /// <summary>The deliveries of a batch, with their sequence numbers.</summary>
    Deliveries,

    /// <summary>The value of a counter, by its name a sequence number.</summary>
    Counter,
}

/// <summary>A column of both schemas.</summary>
internal sealed record CopiedColumn(string Name, ColumnKind Kind)
{
    /// <summary>Its place in PostgreSQL's order by the key: texts are compared as SQLite does, by their bytes.</summary>
    public string Order => Kind == ColumnKind.Text ? $"{Name} COLLATE \"C\"" : Name;
}

/// <summary>A table of both schemas, and all its columns; the first of them are the key.</summary>
/// <param name="Name">Its name.</param>
/// <param name="KeyColumns">The number of columns in the key.</param>
/// <param name="IsNumbered">True when the database numbers its rows, in the column <c>no</c>.</param>
/// <param name="Columns">The columns.</param>
internal sealed record CopiedTable(string Name, int KeyColumns, bool IsNumbered, params CopiedColumn[] Columns)
{
    /// <summary>The tables of the store. A new one, and each new column, is added here: a test compares it with both schemas.</summary>
    public static IReadOnlyList<CopiedTable> All { get; } =
    [
        new("endpoints", 1, true, Long("no"), Text("id"), Long("failing_since")),
        new("registrations", 1, false, Long("endpoint"), Long("version"), Bytes("definition"), Long("created_at"), Long("changed_at"), Small("is_deleted")),
        new("data_keys", 1, false, Whole("id"), Text("master"), Bytes("wrapped"), Long("created_at")),
        new("keys", 1, false, Text("id"), Text("definition"), Long("created_at"), Long("last_used_at")),
        new("audit_anchor", 1, false, Long("no"), Bytes("hash")),
        new("audit", 1, false, Long("no"), Long("at"), Text("actor"), Text("note"), Text("action"), Text("target"), Text("old"), Text("new"), Whole("data_key"), Bytes("hash")),
        new("counters", 1, false, Text("name"), new("value", ColumnKind.Counter)),
        new("idempotency", 2, false, Text("route"), Text("key"), Bytes("body_hash"), Bytes("answer"), Long("expires_at")),
        new("replays", 1, true, Long("no"), Text("id"), Small("state"), Text("doc"), new("last", ColumnKind.ReplayPlace), new("at", ColumnKind.ReplayPlace),
            Long("at_endpoint"), Long("queued"), Long("skipped"), Long("created_at"), Long("ended_at"), Small("erases")),
        new("stats", 1, true, Long("no"), Long("minute"), Long("accepted"), Long("delivered"), Long("failed_attempts"), Long("dead_letters"), Long("expired"), Whole("left_out"),
            Bytes("endpoints")),
        new("events", 1, false, Sequence("seq"), Bytes("id"), Text("correlation_id"), Text("source"), Text("event_type"), Small("priority"), Long("accepted_at"),
            Whole("endpoints"), Text("trace_parent"), Bytes("payload"), Text("claim"), Long("erased_at"), Long("expires_at")),
        new("expiring", 2, false, Long("expires_at"), Sequence("event")),
        new("attempts", 3, false, Sequence("seq"), Long("endpoint"), Whole("number"), Long("started_at"), Long("duration"), Whole("status"), Text("reason"), Text("error"),
            Bytes("response"), Bytes("batch"), Bytes("sealed")),
        new("dead_letters", 1, true, Long("no"), Sequence("event"), Long("endpoint"), Small("state"), Text("reason"), Whole("failures"), Long("first_dead_at"), Long("dead_at"),
            Long("next_retry_at"), Text("discarded_by"), Long("discarded_at"), Long("fallback"), Long("key_hash"), Long("blocks")),
        new("batches", 2, false, Long("endpoint"), Bytes("id"), new("deliveries", ColumnKind.Deliveries)),
        new("pending", 3, false, Long("endpoint"), Small("priority"), Sequence("seq"), Sequence("event"), Text("replay"), Whole("tries"), Long("not_before"),
            Long("key_hash")),
        new("held", 3, false, Long("endpoint"), Long("key_hash"), Sequence("seq"), Small("priority"), Text("replay"), Whole("tries"), Long("due")),
    ];

    /// <summary>The columns with sequence numbers, which make the numbers of the store.</summary>
    public static IEnumerable<(string Table, string Column)> Sequences =>
        All.SelectMany(static table => table.Columns.Where(static column => column.Kind == ColumnKind.Sequence).Select(column => (table.Name, column.Name)));

    public string Names => string.Join(", ", Columns.Select(static column => column.Name));

    /// <summary>The rows in SQLite, in the order in which they are copied. It is the same in each run, so that a number of rows is a place.</summary>
    public string SourceSql => $"SELECT {Names} FROM {Name} ORDER BY {string.Join(", ", Columns.Take(KeyColumns).Select(static column => column.Name))} LIMIT -1 OFFSET ?1";

    /// <summary>The same rows in PostgreSQL, in the same order.</summary>
    public string TargetSql => $"SELECT {Names} FROM {Name} ORDER BY {string.Join(", ", Columns.Take(KeyColumns).Select(static column => column.Order))}";

    public int IndexOf(string column) => Array.FindIndex(Columns, candidate => candidate.Name == column);

    private static CopiedColumn Small(string name) => new(name, ColumnKind.Small);

    private static CopiedColumn Whole(string name) => new(name, ColumnKind.Whole);

    private static CopiedColumn Long(string name) => new(name, ColumnKind.Long);

    private static CopiedColumn Text(string name) => new(name, ColumnKind.Text);

    private static CopiedColumn Bytes(string name) => new(name, ColumnKind.Bytes);

    private static CopiedColumn Sequence(string name) => new(name, ColumnKind.Sequence);
}
