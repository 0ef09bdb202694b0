using System.Data;
using System.Globalization;
using Middleware.Storage.Sql;
using Middleware.Telemetry;
using Npgsql;
using NpgsqlTypes;
using ServiceDefaults.Settings;

namespace Middleware.Storage.Postgres;

/// <summary>
/// Follows what the other replicas commit, stream by stream: within one the order of commits is that of the numbers. Notifications say that there may be
/// something, and in which stream; asking for all a few times a second is what finds it.
/// </summary>
internal sealed partial class PostgresTail(
    NpgsqlDataSource source, PostgresWriter writer, GroupWriter groups, CommittedByOthers committed, Defects defects, TimeProvider clock, ILogger logger) : IAsyncDisposable
{
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    /// <summary>The channel of the notifications.</summary>
    public const string Channel = "aspire_integration_commits";

    private const int MostRows = 1_000;

    private static readonly short[] AllStreams = [.. Enumerable.Range(0, PostgresClock.Streams).Select(static stream => (short)stream)];

    // Cancelled and not disposed: a store may be closed twice.
    private readonly CancellationTokenSource _stopped = new();
    private Task _following = Task.CompletedTask;

    public void Start() => _following = Task.Run(FollowAsync, CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        await _stopped.CancelAsync();
        await _following.WhenEndedAsync(clock);
        committed.Dispose();
    }

    private async Task FollowAsync()
    {
        while (!_stopped.IsCancellationRequested)
        {
            try
            {
                await using var connection = await source.OpenConnectionAsync(CancellationToken.None);
                var named = new HashSet<short>();
                connection.Notification += (_, notice) => Note(named, notice.Payload);
                await using (var listen = new NpgsqlCommand($"LISTEN {Channel}", connection))
                {
                    await listen.ExecuteNonQueryAsync(CancellationToken.None);
                }

                while (true)
                {
                    var asked = clock.GetTimestamp();
                    await ReadAllAsync(connection, AllStreams);
                    while (clock.GetElapsedTime(asked) is var since && since < Interval && (named.Count > 0 || await connection.WaitAsync(Duration.RoundUp(Interval - since), _stopped.Token)))
                    {
                        // A notice may come with the answer to a read, and is of the next one.
                        short[] streams = [.. named];
                        named.Clear();
                        await ReadAllAsync(connection, streams);
                    }
                }
            }
            catch (OperationCanceledException) when (_stopped.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception) when (BesideTheWriter.IsOfTheDatabase(exception))
            {
                Failed(exception.Message);
                await Task.Delay(Interval, clock, _stopped.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (Exception exception)
            {
                // A lane may not have been notified: all look for themselves.
                defects.Note("replicas", exception);
                writer.RebuildSoon();
                groups.Wake();
                await Task.Delay(Interval, clock, _stopped.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>Notes the stream that a notice names, unless it is the own one; all where it names none.</summary>
    private void Note(HashSet<short> named, string stream)
    {
        if (!short.TryParse(stream, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number >= PostgresClock.Streams)
        {
            named.UnionWith(AllStreams);
        }
        else if (number != writer.Stream)
        {
            named.Add(number);
        }
    }

    private async Task ReadAllAsync(NpgsqlConnection connection, short[] streams)
    {
        while (streams.Length > 0 && await ReadAsync(connection, streams) == MostRows)
        {
            MoreAreThere();
        }
    }

    private async Task<int> ReadAsync(NpgsqlConnection connection, short[] streams)
    {
        var marks = writer.Marks;
        var rows = new List<CommitRow>();
        await using var read = new NpgsqlCommand(
            $"""
            SELECT c.* FROM unnest($1, $2) AS m (of, mark), LATERAL
                (SELECT {CommitRow.Columns} FROM commits WHERE stream = m.of AND number > m.mark ORDER BY number LIMIT {MostRows}) c
            WHERE m.of <> $3 ORDER BY c.number LIMIT {MostRows}
            """,
            connection)
        {
            Parameters =
            {
                new NpgsqlParameter<short[]> { TypedValue = streams, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Smallint },
                new NpgsqlParameter<long[]> { TypedValue = [.. streams.Select(stream => marks[stream])], NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bigint },
                new NpgsqlParameter<short> { TypedValue = (short)writer.Stream },
            },
        };
        await using (var reader = await read.ExecuteReaderAsync(CommandBehavior.Default, CancellationToken.None))
        {
            while (await reader.ReadAsync(CancellationToken.None))
            {
                rows.Add(CommitRow.Read(reader));
            }
        }

        if (rows.Count > 0)
        {
            var applied = writer.OnSessionAsync(_ => writer.Apply(rows, groups.Endpoints, groups.Sink));
            groups.Wake();
            await committed.NotifyAsync(await applied.WaitAsync(_stopped.Token));
        }

        return rows.Count;
    }

    [LoggerMessage(LogLevel.Debug, "more groups of other replicas are there than are read at once")]
    private partial void MoreAreThere();

    [LoggerMessage(LogLevel.Debug, "what other replicas committed cannot be read at the moment")]
    private partial void Failed(string error);
}
