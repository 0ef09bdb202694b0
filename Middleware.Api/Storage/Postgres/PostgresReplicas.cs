using Middleware.Replicas;
using Middleware.Storage.Sql;
using Npgsql;

namespace Middleware.Storage.Postgres;

/// <summary>The replicas that live: those whose sessions hold the lock of a member. The table of replicas has the facts of each.</summary>
internal sealed class PostgresReplicas(NpgsqlDataSource source, PostgresWriter writer)
{
    private int? _announced;

    /// <summary>Writes the facts for the session of this replica, once for each session.</summary>
    public async Task AnnounceAsync(ReplicaFacts facts)
    {
        var backend = writer.Backend;
        if (backend == _announced)
        {
            return;
        }

        await using var batch = source.CreateBatch();
        batch.BatchCommands.Add(new NpgsqlBatchCommand(
            $"DELETE FROM replicas WHERE backend NOT IN (SELECT l.pid FROM pg_locks l WHERE {SessionLocks.GrantedOf(SessionLocks.Members, 0)})"));
        batch.BatchCommands.Add(new NpgsqlBatchCommand(
            """
            INSERT INTO replicas (backend, version, since, generation, is_applied) VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (backend) DO UPDATE SET (version, since, generation, is_applied) = ROW (excluded.version, excluded.since, excluded.generation, excluded.is_applied)
            """)
        {
            Parameters =
            {
                new NpgsqlParameter<int> { TypedValue = backend },
                new NpgsqlParameter<string> { TypedValue = facts.Version },
                new NpgsqlParameter<long> { TypedValue = StoredTime.From(facts.Since) },
                new NpgsqlParameter<long> { TypedValue = facts.Generation },
                new NpgsqlParameter<bool> { TypedValue = facts.IsApplied },
            },
        });
        await batch.ExecuteNonQueryAsync();
        _announced = backend;
    }

    public Task<IReadOnlyList<LivingReplica>> ReadAsync(ReplicaFacts own) => Task.Run(() => Read(own));

    private IReadOnlyList<LivingReplica> Read(ReplicaFacts own)
    {
        using var connection = source.OpenConnection();
        var owners = Owners.Read(connection, writer.Backend);
        var facts = ReadFacts(connection);
        facts[owners.Me] = own;
        return [.. owners.Members.Select(member => new LivingReplica(
            member.Name,
            facts.GetValueOrDefault(member.Backend),
            member.Backend == owners.Me,
            owners.OfSlots.Count(owner => owner == member.Backend),
            endpoint => owners.OfSlots[SlotPlan.SlotOf(endpoint.Value)] == member.Backend))];
    }

    private static Dictionary<int, ReplicaFacts> ReadFacts(NpgsqlConnection connection)
    {
        var facts = new Dictionary<int, ReplicaFacts>();
        using var command = new NpgsqlCommand("SELECT backend, version, since, generation, is_applied FROM replicas", connection);
        using var row = command.ExecuteReader();
        while (row.Read())
        {
            facts[row.GetInt32(0)] = new ReplicaFacts(row.GetString(1), StoredTime.To(row.GetInt64(2)), row.GetInt64(3), row.GetBoolean(4));
        }

        return facts;
    }
}
