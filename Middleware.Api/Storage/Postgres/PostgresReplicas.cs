using Middleware.Endpoints;
using Middleware.Events;
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

    /// <summary>Writes states of lanes. Rows are locked in one order, which two replicas may write while a lane moves.</summary>
    public async Task WriteStatesAsync(int session, IReadOnlyList<LaneState> states)
    {
        await using var write = source.CreateCommand(
            """
            INSERT INTO shard_state (endpoint, shard, backend, circuit, tries, failures, in_a_row, p95)
            SELECT n.no, s.shard, $1, s.circuit, s.tries, s.failures, s.in_a_row, NULLIF(s.p95, -1)
            FROM unnest($2, $3, $4, $5, $6, $7, $8) AS s (id, shard, circuit, tries, failures, in_a_row, p95) JOIN endpoints n ON n.id = s.id ORDER BY n.no, s.shard
            ON CONFLICT (endpoint, shard) DO UPDATE SET (backend, circuit, tries, failures, in_a_row, p95) =
                ROW (excluded.backend, excluded.circuit, excluded.tries, excluded.failures, excluded.in_a_row, excluded.p95)
            """);
        write.Parameters.Add(new NpgsqlParameter<int> { TypedValue = session });
        write.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. states.Select(static state => state.Endpoint.Value)] });
        write.Parameters.Add(new NpgsqlParameter<short[]> { TypedValue = [.. states.Select(static state => (short)state.Shard)] });
        write.Parameters.Add(new NpgsqlParameter<int[]> { TypedValue = [.. states.Select(static state => (int)state.Circuit)] });
        Add(static state => state.Tries.Tries);
        Add(static state => state.Tries.Failures);
        Add(static state => state.Tries.FailuresInARow);
        Add(static state => state.Tries.P95 is { } p95 ? (long)p95.TotalMicroseconds : -1);
        await write.ExecuteNonQueryAsync(CancellationToken.None);

        void Add(Func<LaneState, long> value) => write.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = [.. states.Select(value)] });
    }

    public Task<IReadOnlyList<LaneState>> ReadStatesAsync() => Task.Run<IReadOnlyList<LaneState>>(ReadStates);

    /// <summary>Those of the owners alone: rows of former ones stay until another state is written.</summary>
    private List<LaneState> ReadStates()
    {
        var states = new List<LaneState>();
        using var connection = source.OpenConnection();
        var owners = Owners.Read(connection, writer.Backend);
        using var command = new NpgsqlCommand(
            "SELECT n.id, s.backend, s.circuit, s.tries, s.failures, s.in_a_row, s.p95, s.shard FROM shard_state s JOIN endpoints n ON n.no = s.endpoint", connection);
        using var row = command.ExecuteReader();
        while (row.Read())
        {
            var (endpoint, shard) = (new EndpointId(row.GetString(0)), row.GetInt16(7));
            if (owners.OfSlots[SlotPlan.SlotOf(endpoint, shard)] == row.GetInt32(1))
            {
                TimeSpan? p95 = row.IsDBNull(6) ? null : TimeSpan.FromMicroseconds(row.GetInt64(6));
                states.Add(new LaneState(endpoint, shard, (CircuitState)row.GetInt32(2), new TrySummary(row.GetInt64(3), row.GetInt64(4), row.GetInt64(5), p95)));
            }
        }

        return states;
    }

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
            (endpoint, shard) => owners.OfSlots[SlotPlan.SlotOf(endpoint, shard)] == member.Backend))];
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
