using System.Buffers.Binary;
using Middleware.Events;
using Middleware.Stats;
using Middleware.Telemetry;

namespace Middleware.Storage.Sql;

/// <summary>
/// The counts of each minute: a row for each replica, with those of its endpoints in one value. Rows are only added, so replicas never wait for each other.
/// They are read over the connection of the history.
/// </summary>
internal sealed class SqlStats(SqlEventStore store, SqlHistory history) : IStatsStore
{
    /// <summary>The time for which a row is kept.</summary>
    public static readonly TimeSpan Kept = TimeSpan.FromDays(1);

    // The endpoint's number and four counts.
    private const int BytesOfEndpoint = 8 + (4 * 4);

    private const string OldestSql =
        """
        SELECT MIN(accepted_at) FROM events WHERE seq = (SELECT MIN(seq) FROM (
            SELECT MIN(seq) AS seq FROM held
            UNION ALL
            SELECT MIN((SELECT MIN(p.seq) FROM pending p WHERE p.endpoint = n.no AND p.priority = v.column1))
            FROM endpoints n, (VALUES (0), (1), (2), (3), (4)) v) m)
        """;

    public Task AddAsync(MinuteCounts counted) => store.ChangeAsync(transaction =>
    {
        using var insert = transaction.Connection.Prepare(
            "INSERT INTO stats (minute, accepted, delivered, failed_attempts, dead_letters, expired, left_out, endpoints) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)");
        var all = counted.All;
        insert.Bind(1, StoredTime.From(counted.Minute)).Bind(2, all.Accepted).Bind(3, all.Delivered).Bind(4, all.FailedAttempts).Bind(5, all.DeadLetters).Bind(6, all.Expired)
            .Bind(7, counted.LeftOut).Bind(8, Write(counted.Endpoints)).Run();
        return true;
    });

    public Task<IReadOnlyList<MinuteCounts>> ReadAsync(DateTimeOffset from, CancellationToken cancellationToken) => history.ReadAsync<IReadOnlyList<MinuteCounts>>(
        connection =>
        {
            var rows = new List<MinuteCounts>();
            using var read = connection.Prepare("SELECT minute, accepted, delivered, failed_attempts, dead_letters, expired, left_out, endpoints FROM stats WHERE minute >= ?1");
            read.Bind(1, StoredTime.From(from)).ForEach(row => rows.Add(new MinuteCounts(
                Column.Time(row, 0),
                new Counts(Column.Number(row, 1), Column.Number(row, 2), Column.Number(row, 3), Column.Number(row, 4), Column.Number(row, 5)),
                Read(Column.Blob(row, 7)),
                Column.Count(row, 6))));
            return rows;
        },
        cancellationToken);

    public Task<DateTimeOffset?> OldestWaitingAsync(CancellationToken cancellationToken) => history.ReadAsync(
        static connection =>
        {
            using var read = connection.Prepare(OldestSql);
            return read.Scalar() is { } at ? StoredTime.To(at) : default(DateTimeOffset?);
        },
        cancellationToken);

    private byte[] Write(IReadOnlyList<(EndpointId Endpoint, Counts Counts)> endpoints)
    {
        var bytes = new byte[endpoints.Count * BytesOfEndpoint];
        var rest = bytes.AsSpan();
        foreach (var (endpoint, counts) in endpoints)
        {
            BinaryPrimitives.WriteInt64LittleEndian(rest, store.NumberOf(endpoint) ?? 0);
            BinaryPrimitives.WriteInt32LittleEndian(rest[8..], Least(counts.Delivered));
            BinaryPrimitives.WriteInt32LittleEndian(rest[12..], Least(counts.FailedAttempts));
            BinaryPrimitives.WriteInt32LittleEndian(rest[16..], Least(counts.DeadLetters));
            BinaryPrimitives.WriteInt32LittleEndian(rest[20..], Least(counts.Expired));
            rest = rest[BytesOfEndpoint..];
        }

        return bytes;

        static int Least(long count) => (int)Math.Min(count, int.MaxValue);
    }

    /// <summary>The counts of the endpoints that the store still knows.</summary>
    private List<(EndpointId, Counts)> Read(ReadOnlySpan<byte> bytes)
    {
        var endpoints = new List<(EndpointId, Counts)>();
        for (; bytes.Length >= BytesOfEndpoint; bytes = bytes[BytesOfEndpoint..])
        {
            if (store.IdOf(BinaryPrimitives.ReadInt64LittleEndian(bytes)) is { } id)
            {
                endpoints.Add((id, new Counts(0, Number(bytes[8..]), Number(bytes[12..]), Number(bytes[16..]), Number(bytes[20..]))));
            }
        }

        return endpoints;

        static int Number(ReadOnlySpan<byte> at) => BinaryPrimitives.ReadInt32LittleEndian(at);
    }
}
