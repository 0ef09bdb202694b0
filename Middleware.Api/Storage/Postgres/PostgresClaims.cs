using Middleware.Accepting;
using Middleware.Storage.Sql;
using Npgsql;
using NpgsqlTypes;

namespace Middleware.Storage.Postgres;

/// <summary>
/// The idempotency keys of a transaction's requests. They are taken before anything else, in one order. Of two replicas with the same key the second waits for the
/// first and has its answer then.
/// </summary>
internal sealed class PostgresClaims(PostgresSql connection)
{
    private static readonly byte[] Taken = [];

    private readonly Dictionary<(string Route, string Key), (byte[] BodyHash, byte[] Answer)> _known = [];

    // Those that this transaction took and has no answer for.
    private readonly HashSet<(string Route, string Key)> _unused = [];

    /// <summary>Answers to be kept.</summary>
    public Rows Kept { get; } = new(
        """
        INSERT INTO idempotency (route, key, body_hash, answer, expires_at) SELECT * FROM unnest($1, $2, $3, $4, $5)
        ON CONFLICT (route, key) DO UPDATE SET body_hash = excluded.body_hash, answer = excluded.answer, expires_at = excluded.expires_at
        """,
        NpgsqlDbType.Text, NpgsqlDbType.Text, NpgsqlDbType.Bytea, NpgsqlDbType.Bytea, NpgsqlDbType.Bigint);

    /// <summary>Keys to be given back.</summary>
    public Rows Given { get; } = new(
        "DELETE FROM idempotency i USING unnest($1, $2) AS given (route, key) WHERE i.route = given.route AND i.key = given.key", NpgsqlDbType.Text, NpgsqlDbType.Text);

    /// <summary>Takes the keys of requests that begin.</summary>
    public void Take(IReadOnlyList<AcceptItem> accepts, DateTimeOffset now)
    {
        var claims = accepts.Where(static item => item is { Claim: not null, Committed: 0 }).Select(static item => item.Claim!)
            .DistinctBy(static claim => (claim.Route, claim.Key)).OrderBy(static claim => claim.Route, StringComparer.Ordinal).ThenBy(static claim => claim.Key, StringComparer.Ordinal).ToList();
        if (claims.Count == 0)
        {
            return;
        }

        var take = new Rows(
            """
            INSERT INTO idempotency AS i (route, key, body_hash, answer, expires_at) SELECT * FROM unnest($1, $2, $3, $4, $5)
            ON CONFLICT (route, key) DO UPDATE SET body_hash = excluded.body_hash, answer = excluded.answer, expires_at = excluded.expires_at
            WHERE i.expires_at <= excluded.expires_at - 86400000000 RETURNING route, key
            """,
            NpgsqlDbType.Text, NpgsqlDbType.Text, NpgsqlDbType.Bytea, NpgsqlDbType.Bytea, NpgsqlDbType.Bigint);

        // The lifetime of a key is a day: one that was taken a day before is over.
        var find = new Rows(
            "SELECT i.route, i.key, i.body_hash, i.answer FROM idempotency i JOIN unnest($1, $2) AS asked (route, key) ON i.route = asked.route AND i.key = asked.key",
            NpgsqlDbType.Text, NpgsqlDbType.Text);
        foreach (var claim in claims)
        {
            take.Add(claim.Route, claim.Key, claim.BodyHash.ToArray(), Taken, StoredTime.From(now + IdempotencyClaim.Lifetime));
            find.Add(claim.Route, claim.Key);
        }

        using var batch = new NpgsqlBatch(connection.Begin()) { BatchCommands = { take.ToCommand(), find.ToCommand() } };
        using var reader = batch.ExecuteReader();
        while (reader.Read())
        {
            _unused.Add((reader.GetString(0), reader.GetString(1)));
        }

        reader.NextResult();
        while (reader.Read())
        {
            _known[(reader.GetString(0), reader.GetString(1))] = (reader.GetFieldValue<byte[]>(2), reader.GetFieldValue<byte[]>(3));
        }
    }

    /// <summary>The first answer to a key; null for the first request with it.</summary>
    public (byte[] BodyHash, byte[] Answer)? Find(string route, string key) =>
        _unused.Contains((route, key)) || !_known.TryGetValue((route, key), out var first) ? null : first;

    public void Keep(IdempotencyClaim claim, byte[] answer, DateTimeOffset expiresAt)
    {
        _unused.Remove((claim.Route, claim.Key));
        _known[(claim.Route, claim.Key)] = (claim.BodyHash.ToArray(), answer);
        Kept.Add(claim.Route, claim.Key, claim.BodyHash.ToArray(), answer, StoredTime.From(expiresAt));
    }

    /// <summary>Gives keys back whose requests kept nothing: a repeated request is judged again.</summary>
    public void GiveBackUnused()
    {
        foreach (var (route, key) in _unused)
        {
            Given.Add(route, key);
        }

        _unused.Clear();
    }

    public void Forget()
    {
        _known.Clear();
        _unused.Clear();
    }
}
