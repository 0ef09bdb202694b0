using System.Globalization;
using Npgsql;

namespace Middleware.Storage.Postgres;

/// <summary>The replicas that are there, and the session that owns each stream and slot.</summary>
/// <param name="Members">Name and session of each, in order of their names; a name that several have is made another.</param>
/// <param name="OfStreams">The session that owns a stream; null for none.</param>
/// <param name="OfSlots">The session that owns a slot; null for none.</param>
/// <param name="Me">The session of this replica.</param>
internal sealed record Owners(List<(string Name, int Backend)> Members, IReadOnlyList<int?> OfStreams, IReadOnlyList<int?> OfSlots, int Me)
{
    /// <summary>Reads them with any connection.</summary>
    public static Owners Read(NpgsqlConnection connection, int me)
    {
        var members = new List<(string Name, int Backend)>();
        var (streams, slots) = (new int?[PostgresClock.Streams], new int?[SlotPlan.Slots]);
        using var command = new NpgsqlCommand(
            $"""
            SELECT l.objid::int8 >> 16, l.objid::int8 & 65535, l.pid, a.application_name
            FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid WHERE {SessionLocks.Granted} ORDER BY a.application_name, l.pid
            """,
            connection);
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            var (kind, number, backend) = (reader.GetInt64(0), (int)reader.GetInt64(1), reader.GetInt32(2));
            switch (kind)
            {
                case SessionLocks.Members:
                    var name = reader.GetString(3);
                    members.Add((members.Exists(member => member.Name == name) ? string.Create(CultureInfo.InvariantCulture, $"{name}#{backend}") : name, backend));
                    break;
                case SessionLocks.Streams:
                    streams[number] = backend;
                    break;
                default:
                    slots[number] = backend;
                    break;
            }
        }

        return new Owners(members, streams, slots, me);
    }
}

/// <summary>The advisory locks of the replicas' sessions: one of all members, one of each stream, one of each slot.</summary>
internal static class SessionLocks
{
    public const int Members = 0;
    public const int Streams = 1;
    public const int Slots = 2;

    /// <summary>The condition of a row <c>l</c> of <c>pg_locks</c> to be one of them, and granted.</summary>
    public const string Granted =
        "l.locktype = 'advisory' AND l.granted AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()) AND l.classid = 'store'::regclass";

    public static int Key(int kind, int number) => (kind << 16) | number;

    /// <summary>The same condition for one of the locks.</summary>
    public static string GrantedOf(int kind, int number) => string.Create(CultureInfo.InvariantCulture, $"{Granted} AND l.objid::int8 = {Key(kind, number)}");
}
