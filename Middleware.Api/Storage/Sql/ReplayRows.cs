using System.Text.Json;
using System.Text.Json.Serialization;
using Middleware.Replays;

namespace Middleware.Storage.Sql;

/// <summary>A replay as it is stored: its public part, and the place of its walk.</summary>
internal sealed record ReplayRow(BulkReplay Replay, ReplayCursor Cursor, long Last);

/// <summary>The rows of replays: read over any connection.</summary>
internal static class ReplayRows
{
    private const string Select =
        """
        SELECT no, id, state, doc, last, at, at_endpoint, queued, skipped, created_at, ended_at,
            (SELECT COUNT(*) FROM pending WHERE replay = r.id) + (SELECT COUNT(*) FROM held WHERE replay = r.id)
        FROM replays r
        """;

    public static ReplayRow? Find(ISqlConnection connection, string id)
    {
        using var statement = connection.Prepare($"{Select} WHERE id = ?1");
        return All(statement.Bind(1, id)).SingleOrDefault();
    }

    public static List<ReplayRow> Before(ISqlConnection connection, long number, int limit, bool erases)
    {
        using var statement = connection.Prepare($"{Select} WHERE no < ?1 AND erases = ?3 ORDER BY no DESC LIMIT ?2");
        return All(statement.Bind(1, number).Bind(2, limit).Bind(3, erases ? 1 : 0));
    }

    public static List<ReplayRow> Running(ISqlConnection connection)
    {
        using var statement = connection.Prepare($"{Select} WHERE state = 0 ORDER BY no");
        return All(statement);
    }

    private static List<ReplayRow> All(SqlStatement statement)
    {
        var rows = new List<ReplayRow>();
        statement.ForEach(row => rows.Add(Read(row)));
        return rows;
    }

    private static ReplayRow Read(ISqlRow row)
    {
        var document = ReplayDocument.Read(Column.Text(row, 3));
        var last = Column.Number(row, 4);
        var cursor = new ReplayCursor(Column.Number(row, 5), Column.Number(row, 6));
        var replay = new BulkReplay
        {
            Number = Column.Number(row, 0),
            Id = Column.Text(row, 1),
            State = (ReplayState)Column.Count(row, 2),
            Order = document.Order,
            Total = document.Total,
            IsQueued = cursor.At > last || document.IsDamaged,
            Queued = Column.Number(row, 7),
            Skipped = Column.Number(row, 8),
            CreatedAt = Column.Time(row, 9),
            EndedAt = Column.TimeOrNull(row, 10),
            Waiting = Column.Count(row, 11),
        };
        return new ReplayRow(replay, cursor, last);
    }
}

/// <summary>The order of a replay and its total as they are kept: JSON of which members are only ever added.</summary>
internal sealed record ReplayDocument(ReplayOrder Order, ReplayCount Total)
{
    /// <summary>True for a row whose document cannot be read: its replay queues nothing more, and holds up no other.</summary>
    [JsonIgnore]
    public bool IsDamaged { get; private init; }

    private static ReplayDocument Damaged { get; } = new(new ReplayOrder { Of = ReplaySubject.DeadLetters, Filter = new ReplaySelection() }, default) { IsDamaged = true };

    public static ReplayDocument Read(string json)
    {
        try
        {
            var read = JsonSerializer.Deserialize(json, ReplayJson.Default.ReplayDocument) ?? Damaged;
            return read.Order.Ids is null ? read : read with { Order = read.Order with { Filter = new ReplaySelection() } };
        }
        catch (JsonException)
        {
            return Damaged;
        }
    }

    /// <summary>An order by ids has a filter that nothing meets: a program that knows no ids would take it for one of everything.</summary>
    public string Write() => JsonSerializer.Serialize(
        Order.Ids is null ? this : this with { Order = Order with { Filter = new ReplaySelection { Until = DateTimeOffset.UnixEpoch } } }, ReplayJson.Default.ReplayDocument);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(ReplayDocument))]
internal sealed partial class ReplayJson : JsonSerializerContext;
