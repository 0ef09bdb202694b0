using Middleware.Storage.AtRest;

namespace Middleware.Storage.Sql;

/// <summary>A row that is not encrypted, and what finds it again.</summary>
internal sealed record PlainRow(SealedRow Row, byte[] Plain)
{
    public long Sequence { get; init; }

    public long Endpoint { get; init; }

    public (string Route, string Key) Answer { get; init; }
}

/// <summary>Plain rows of a walk, as far as it went.</summary>
/// <param name="Rows">The plain ones of the rows that it looked at.</param>
/// <param name="Through">The last event.</param>
/// <param name="ThroughAnswer">The last kept answer.</param>
/// <param name="IsEnd">True when no row follows.</param>
internal sealed record PlainPage(List<PlainRow> Rows, long Through, (string Route, string Key) ThroughAnswer, bool IsEnd)
{
    public List<(PlainRow Row, byte[] Sealed)> Seal(DataKeys keys) => Rows.ConvertAll(row => (row, keys.Seal(row.Row, row.Plain)));
}

/// <summary>Finds rows that are not encrypted, and replaces them by their ciphertexts.</summary>
internal static class PlainRows
{
    /// <summary>The most rows, and about the most bytes, of one page and so of one transaction.</summary>
    private const int AtOnce = 200;
    private const int BytesAtOnce = 1 << 20;

    private const string Counter = "encrypted_through";

    /// <summary>The event up to which all is encrypted, all kept answers too; null for none.</summary>
    public static long? Through(ISqlConnection connection)
    {
        using var read = connection.Prepare($"SELECT value FROM counters WHERE name = '{Counter}'");
        return read.Scalar();
    }

    /// <summary>Forgets it: plain rows are written again.</summary>
    public static void ForgetThrough(ISqlConnection connection)
    {
        using var forget = connection.Prepare($"DELETE FROM counters WHERE name = '{Counter}'");
        forget.Run();
    }

    public static long LastEvent(ISqlConnection connection)
    {
        using var read = connection.Prepare("SELECT COALESCE(MAX(seq), 0) FROM events");
        return read.Scalar()!.Value;
    }

    public static PlainPage Answers(ISqlConnection connection, (string Route, string Key) after)
    {
        var (rows, last, count) = (new List<PlainRow>(), after, 0);
        using var walk = connection.Prepare("SELECT route, key, answer FROM idempotency WHERE (route, key) > (?1, ?2) ORDER BY route, key LIMIT ?3");
        walk.Bind(1, after.Route).Bind(2, after.Key).Bind(3, AtOnce).ForEach(row =>
        {
            (last, count) = ((Column.Text(row, 0), Column.Text(row, 1)), count + 1);
            if (!SealedBytes.IsSealed(Column.Blob(row, 2)))
            {
                rows.Add(new PlainRow(SealedRow.KeptAnswer(last.Route, last.Key), Column.Bytes(row, 2)) { Answer = last });
            }
        });
        return new PlainPage(rows, 0, last, IsEnd: count < AtOnce);
    }

    public static PlainPage Events(ISqlConnection connection, long after, long last)
    {
        var rows = new List<PlainRow>();
        var events = new List<(long Sequence, Guid Id)>();
        using var walk = connection.Prepare("SELECT seq, id, payload FROM events WHERE seq > ?1 AND seq <= ?2 ORDER BY seq LIMIT ?3");
        var isCut = walk.Bind(1, after).Bind(2, last).Bind(3, AtOnce).While(row =>
        {
            events.Add((Column.Number(row, 0), Column.Id(row, 1)));
            if (row.Blob(2) is { Length: > 0 } payload && !SealedBytes.IsSealed(payload))
            {
                rows.Add(new PlainRow(SealedRow.Payload(events[^1].Id), payload.ToArray()) { Sequence = events[^1].Sequence });
            }

            return rows.Sum(static plain => plain.Plain.Length) < BytesAtOnce;
        });
        using var attempts = connection.Prepare(
            """
            SELECT a.endpoint, n.id, a.number, a.batch, a.response FROM attempts a JOIN endpoints n ON n.no = a.endpoint
            WHERE a.seq = ?1 AND a.response IS NOT NULL
            """);
        foreach (var (sequence, id) in events)
        {
            attempts.Bind(1, sequence).ForEach(attempt =>
            {
                Guid? batch = Column.IsNull(attempt, 3) ? null : Column.Id(attempt, 3);
                var response = SealedRow.Response(id, batch, Column.Text(attempt, 1), Column.Count(attempt, 2));
                rows.Add(new PlainRow(response, Column.Bytes(attempt, 4)) { Sequence = sequence, Endpoint = Column.Number(attempt, 0) });
            });
        }

        var isEnd = !isCut && events.Count < AtOnce;
        return new PlainPage(rows, isEnd ? last : events[^1].Sequence, default, isEnd);
    }

    /// <summary>
    /// Replaces rows that are as they were, and notes how far the walk went; not yet when <paramref name="through"/> is negative. Returns the number
    /// of replaced rows.
    /// </summary>
    public static int Replace(WriteTransaction transaction, IEnumerable<(PlainRow Row, byte[] Sealed)> rows, long through)
    {
        var connection = transaction.Connection;
        using var payload = connection.Prepare("UPDATE events SET payload = ?1 WHERE payload = ?2 AND seq = ?3");
        using var response = connection.Prepare("UPDATE attempts SET sealed = ?1, response = NULL WHERE response = ?2 AND seq = ?3 AND endpoint = ?4 AND number = ?5");
        using var answer = connection.Prepare("UPDATE idempotency SET answer = ?1 WHERE answer = ?2 AND route = ?3 AND key = ?4");
        var replaced = 0;
        foreach (var (row, sealedBytes) in rows)
        {
            var update = row.Row.Kind switch
            {
                RowKind.Payload => payload.Bind(3, row.Sequence),
                RowKind.Response => response.Bind(3, row.Sequence).Bind(4, row.Endpoint).Bind(5, row.Row.Number),
                _ => answer.Bind(3, row.Answer.Route).Bind(4, row.Answer.Key),
            };
            update.Bind(1, sealedBytes).Bind(2, row.Plain).Run();
            replaced += update.Changes;
        }

        if (through >= 0)
        {
            using var note = connection.Prepare($"INSERT INTO counters (name, value) VALUES ('{Counter}', ?1) ON CONFLICT (name) DO UPDATE SET value = ?1");
            note.Bind(1, through).Run();
        }

        return replaced;
    }
}
