using Middleware.Delivering;
using Middleware.Storage.Sql;
using Npgsql;

namespace Middleware.Storage.Postgres;

/// <summary>The groups of all replicas that were applied here, each once: the last of each stream. Changed on the writer's thread.</summary>
internal sealed class AppliedGroups
{
    private volatile long[]? _marks;
    private long[] _counted = [];
    private long _from;
    private volatile bool _mustRebuild;

    /// <summary>The last group of each stream that was applied. Read on any thread.</summary>
    public long[] Marks => _marks ?? _counted;

    /// <summary>The number up to which every group has a mark, or never will be. Read on any thread.</summary>
    public long From => Volatile.Read(ref _from);

    /// <summary>True where the numbers may be wrong, or lanes may lack notices, until all is counted anew. Written on any thread.</summary>
    public bool MustRebuild
    {
        get => _mustRebuild;
        set => _mustRebuild = value;
    }

    /// <summary>
    /// Counts what is pending, and notes up to which groups that is. At the first time the lanes know nothing yet, and will read all. Later the groups that were counted
    /// and not applied must still be: the lanes are notified by them.
    /// </summary>
    public void Rebuild(NpgsqlConnection connection, long from, Action count)
    {
        try
        {
            using var snapshot = connection.BeginTransaction(System.Data.IsolationLevel.RepeatableRead);
            count();
            var marks = ReadMarks(connection);
            snapshot.Commit();
            _counted = marks;
            if (_marks is null)
            {
                _marks = marks;
                Volatile.Write(ref _from, from);
            }
        }
        catch
        {
            // Some rows may be counted, and by other groups than was noted.
            _mustRebuild = true;
            throw;
        }
    }

    /// <summary>Applies groups of other replicas; not all are known when one has an endpoint that is new here, for which all must be counted anew.</summary>
    public (AppliedRows Applied, bool IsKnown) Apply(IReadOnlyList<CommitRow> rows, EndpointRows endpoints, IDeliverySink sink)
    {
        var (before, applied, isKnown) = (Marks, new List<CommitRow>(rows.Count), true);
        var marks = before.ToArray();
        foreach (var row in rows.Where(row => row.Number > marks[row.Stream]))
        {
            marks[row.Stream] = row.Number;
            isKnown &= row.Apply(endpoints, sink, isCounted: row.Number <= _counted[row.Stream]);
            applied.Add(row);
        }

        _marks = marks;
        return (new AppliedRows(applied, before), isKnown);
    }

    /// <summary>Notes a group that this replica committed itself, in a stream that another goes on with.</summary>
    public void NoteOwn(int stream, long group)
    {
        if (_marks is { } marks)
        {
            _marks = [.. marks.Select((mark, of) => of == stream ? Math.Max(mark, group) : mark)];
        }
    }

    private static long[] ReadMarks(NpgsqlConnection connection)
    {
        var marks = new long[PostgresClock.Streams];
        using var read = new NpgsqlCommand("SELECT stream, max(number) FROM commits GROUP BY stream", connection);
        using var reader = read.ExecuteReader();
        while (reader.Read())
        {
            marks[reader.GetInt16(0)] = reader.GetInt64(1);
        }

        return marks;
    }
}

/// <summary>Groups that were applied, but for their new deliveries: the lanes are still to be notified.</summary>
/// <param name="Rows">The groups, in the order of their streams.</param>
/// <param name="Before">The last group of each stream before them.</param>
internal sealed record AppliedRows(IReadOnlyList<CommitRow> Rows, long[] Before);
