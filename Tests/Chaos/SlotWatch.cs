using System.Globalization;
using Npgsql;
using Tests.Middleware.Storage.Postgres;

namespace Tests.Chaos;

/// <summary>Reads who owns the slots of lanes, from the server's locks and past all proxies.</summary>
internal sealed class SlotWatch(PostgresDatabase database)
{
    public const int Slots = 256;

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);

    private const string Locks =
        """
        FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
        WHERE l.locktype = 'advisory' AND l.granted AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
            AND l.classid = 'store'::regclass::oid
        """;

    // A slot's lock has the kind 2 in the upper half of its number.
    private const string Sql = $"SELECT a.application_name, l.pid, count(*) {Locks} AND l.objid::int8 >> 16 = 2 GROUP BY 1, 2";

    /// <summary>The owners and the number of their slots; none while the server does not answer.</summary>
    public async Task<IReadOnlyList<(string Replica, int Session, int Slots)>> ReadAsync()
    {
        try
        {
            await using var command = database.Source.CreateCommand(Sql);
            await using var reader = await command.ExecuteReaderAsync(Waiting.Cancellation);
            var owners = new List<(string, int, int)>();
            while (await reader.ReadAsync(Waiting.Cancellation))
            {
                owners.Add((reader.GetString(0), reader.GetInt32(1), (int)reader.GetInt64(2)));
            }

            return owners;
        }
        catch (NpgsqlException)
        {
            return [];
        }
    }

    /// <summary>The session of a replica that owns slots; null for none.</summary>
    public async Task<int?> SessionOfAsync(string replica) =>
        (await ReadAsync()).Where(owner => owner.Replica == replica).Select(static owner => (int?)owner.Session).FirstOrDefault();

    /// <summary>The replica that owns a slot; null for none.</summary>
    public async Task<string?> OwnerOfAsync(int slot)
    {
        await using var command = database.Source.CreateCommand(string.Create(CultureInfo.InvariantCulture, $"SELECT a.application_name {Locks} AND l.objid::int8 = {(2 << 16) + slot}"));
        return (string?)await command.ExecuteScalarAsync(Waiting.Cancellation);
    }

    /// <summary>Waits until all slots are owned, and none by a session that is excluded.</summary>
    /// <returns>The time that it took; null when it did not happen within <paramref name="limit"/>.</returns>
    public async Task<TimeSpan?> UntilOwnedAsync(TimeSpan limit, Func<string, int, bool>? isExcluded = null)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var owners = await ReadAsync();
            var taken = TimeProvider.System.GetElapsedTime(start);
            if (owners.Sum(static owner => owner.Slots) == Slots && !owners.Any(owner => isExcluded?.Invoke(owner.Replica, owner.Session) == true))
            {
                return taken;
            }

            if (taken > limit)
            {
                return null;
            }

            await Task.Delay(Interval, TimeProvider.System, Waiting.Cancellation);
        }
    }
}
