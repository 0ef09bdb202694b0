using Middleware.Events;
using Middleware.Http;

namespace Middleware.Replays;

/// <summary>Reads the order of a bulk replay.</summary>
internal static class BulkReplayBody
{
    /// <summary>The most ids of an order.</summary>
    public const int MostIds = 1_000;

    /// <summary>The largest body, which has room for as many of the longest ids.</summary>
    public const int MostBytes = 192 << 10;

    private const int MaxRate = 100_000;
    private const int MaxIdLength = 32 + 1 + EndpointId.MaxLength;

    public static readonly RequestShape Shape = new("BulkReplayRequest", "A bulk replay of dead letters or events.", static (_, asked) => Read(asked, static _ => true, out var _, out var _));

    private static readonly RequestShape FilterShape = new(
        "BulkReplayFilter",
        "The dead letters or events for which all given parts hold, each exactly.",
        static (_, given) => Read(given, ReplaySubject.DeadLetters, static _ => true));

    public static readonly RequestShape ErasureShape = new("BulkErasureRequest", "A bulk erasure of events.", static (_, asked) => ReadErasure(asked, out var _));

    private static readonly RequestShape EventFilterShape = new("BulkErasureFilter", "The events for which all given parts hold, each exactly.", static (_, given) => ReadOfErasure(given));

    /// <summary>Reads the order of a bulk erasure.</summary>
    public static ReplayOrder ReadErasure(RequestReader asked, out bool isDryRun)
    {
        var filter = asked.Object(
            "filter", "The conditions. Required; `{}` takes everything.", EventFilterShape, ReadOfErasure, whenMissing: "is required; {} takes everything");
        isDryRun = asked.Flag("dry_run", "Only count: nothing is erased and nothing is kept.") ?? false;
        return new ReplayOrder { Of = ReplaySubject.Events, Filter = filter ?? new ReplaySelection(), Erases = true };
    }

    /// <summary>Reads an order. Unless it discards, an endpoint is refused if <paramref name="isRegistered"/> is false for it.</summary>
    public static ReplayOrder Read(RequestReader asked, Func<EndpointId, bool> isRegistered, out ReplayAction action, out bool isDryRun)
    {
        var names = EnumNames<ReplaySubject>.All;
        var of = asked.OneOf(
            "of", names, "`dead_letters`: those that rest. `events`: delivered or not. Required.", whenMissing: $"is required; expected {string.Join(" or ", names.Texts)}");
        action = asked.OneOf(
            "action", EnumNames<ReplayAction>.All, "`replay`: deliver them again; so when it is not given. `discard`: give dead letters up for good, in the name of the caller.") ?? default;
        if (action == ReplayAction.Discard && of == ReplaySubject.Events)
        {
            asked.Refuse<string>("action", "\"discard\" is of dead letters; events are not discarded");
        }

        if (action == ReplayAction.Discard)
        {
            // Nothing is sent: dead letters of endpoints that are gone may be given up.
            isRegistered = static _ => true;
        }

        var isByFilter = asked.Has("filter");
        var filter = asked.Object(
            "filter", "The conditions; `{}` takes everything. Required, or `ids` in its place.", FilterShape, given => Read(given, of, isRegistered)) ?? new ReplaySelection();
        var ids = Ids(asked, of);
        if (isByFilter == asked.Has("ids"))
        {
            asked.Refuse<string>("filter", isByFilter ? "is given beside ids; expected one of both" : "is required, or ids in its place; {} takes everything");
        }

        var target = Endpoint(asked, "The only endpoint that gets them; null for all that had them. Events for another than `filter.endpoint_id` need the scope `admin`.", isRegistered);
        if (of != ReplaySubject.Events && target is not null && filter.EndpointId is not null && target != filter.EndpointId)
        {
            asked.Refuse<string>("endpoint_id", $"\"{target}\" is another than filter.endpoint_id; a dead letter is delivered to its own endpoint");
        }

        var rate = asked.Whole("rate_per_second", 1, MaxRate, "The most deliveries queued in a second, or dead letters discarded, 1 to 100,000; null for no limit.");
        isDryRun = asked.Flag("dry_run", "Only count: nothing is delivered or discarded, and nothing is kept.") ?? false;
        return new ReplayOrder { Of = of ?? default, Filter = filter, EndpointId = target, RatePerSecond = rate, Ids = ids };
    }

    private static IReadOnlyList<string>? Ids(RequestReader asked, ReplaySubject? of)
    {
        if (asked.Texts("ids", MostIds, MaxIdLength, "1 to 1,000 delivery ids of dead letters, or ids of events, in the place of `filter`. Those that do not rest any more are skipped.") is not { } given)
        {
            return null;
        }

        if (given.Count is 0 or > MostIds)
        {
            return asked.Refuse<IReadOnlyList<string>>("ids", $"has {given.Count} entries; expected 1 to {MostIds}");
        }

        for (var index = 0; index < given.Count; index++)
        {
            if (given[index] is { } id && !(of == ReplaySubject.Events ? Guid.TryParseExact(id, "n", out _) : DeliveryId.TryParse(id, out _)))
            {
                asked.Refuse<string>($"ids[{index}]", of == ReplaySubject.Events ? $"\"{id}\" is not an event id; expected 32 hexadecimal digits" : $"\"{id}\" is not a delivery id; expected {DeliveryId.Form}");
            }
        }

        return [.. given.OfType<string>().Distinct()];
    }

    /// <summary>The fault of an endpoint that is not there.</summary>
    public static string NotRegistered(EndpointId id) => $"\"{id}\" is not a registered endpoint";

    private static ReplaySelection Read(RequestReader given, ReplaySubject? of, Func<EndpointId, bool> isRegistered)
    {
        if (of == ReplaySubject.Events && given.Has("reason"))
        {
            given.Refuse<string>("reason", "is of dead letters; events have none");
        }

        var filter = ReadOfEvents(given) with
        {
            EndpointId = Endpoint(given, "The endpoint of a dead letter, or one that had the event.", isRegistered),
            Reason = given.Text("reason", FailureReason.MaxLength, "The reason of a dead letter, such as `http_503`."),
        };
        return WithTimes(filter, given, "Given up, or for events accepted,");
    }

    private static ReplaySelection ReadOfErasure(RequestReader given) => WithTimes(ReadOfEvents(given), given, "Accepted");

    private static ReplaySelection ReadOfEvents(RequestReader given) => new()
    {
        Source = given.Text("source", EventReader.MaxNameLength, "The source."),
        EventType = given.Text("event_type", EventReader.MaxNameLength, "The event type."),
        Priority = given.OneOf("priority", Priorities.Names, "`critical`, `high`, `medium` or `low`."),
        CorrelationId = given.CorrelationId("The correlation id."),
    };

    private static ReplaySelection WithTimes(ReplaySelection filter, RequestReader given, string which)
    {
        var (since, until) = given.Times(which);
        return filter with { Since = since, Until = until };
    }

    private static EndpointId? Endpoint(RequestReader given, string text, Func<EndpointId, bool> isRegistered)
    {
        if (given.Text("endpoint_id", EndpointId.MaxLength, text) is not { } name)
        {
            return null;
        }

        var id = new EndpointId(name);
        return isRegistered(id) ? id : given.Refuse("endpoint_id", NotRegistered(id), id);
    }
}
