using Middleware.Domain;

namespace Middleware.Api;

/// <summary>Reads what is to be replayed in bulk and names all that is wrong with it.</summary>
internal static class BulkReplayBody
{
    private const int MaxRate = 100_000;
    private const int MaxIdLength = 128;
    private const int MaxReasonLength = 64;
    private const int MaxTimeLength = 64;

    /// <summary>Null, with the errors, when it is not valid. Endpoints for which <paramref name="isRegistered"/> is false are none.</summary>
    public static ReplayOrder? Read(ObjectReader asked, QueryFaults faults, Func<EndpointId, bool> isRegistered, out bool isDryRun)
    {
        var of = asked.OneOf("of", EnumNames<ReplaySubject>.All);
        if (asked.Member("of") is null)
        {
            asked.Refuse<string>("of", $"is required; {string.Join(" or ", EnumNames<ReplaySubject>.All.Texts)} is accepted");
        }

        var given = asked.Object("filter");
        if (asked.Member("filter") is null)
        {
            asked.Refuse<string>("filter", "is required; {} takes everything");
        }

        int? rate = asked.Member("rate_per_second") is null ? null : asked.Whole("rate_per_second", fallback: 1, 1, MaxRate);
        isDryRun = asked.Flag("dry_run", fallback: false);
        var target = Endpoint(asked, isRegistered);
        var filter = given is null ? new ReplayFilter() : Read(given, of, faults, isRegistered);
        if (target is not null && filter.EndpointId is not null && target != filter.EndpointId)
        {
            asked.Refuse<string>("endpoint_id", $"\"{target}\" is another than filter.endpoint_id; a dead letter is delivered to its own endpoint");
        }

        asked.RefuseTheRest();
        return faults.Errors.Count == 0 ? new ReplayOrder { Of = of!.Value, Filter = filter, EndpointId = target, RatePerSecond = rate } : null;
    }

    private static ReplayFilter Read(ObjectReader given, ReplaySubject? of, QueryFaults faults, Func<EndpointId, bool> isRegistered)
    {
        if (of == ReplaySubject.Events)
        {
            RefuseForEvents("endpoint_id", given);
            RefuseForEvents("reason", given);
        }

        var (since, until) = faults.Times(given.Text("since", MaxTimeLength), given.Text("until", MaxTimeLength), "filter.");
        var filter = new ReplayFilter
        {
            Source = given.Text("source", EventReader.MaxNameLength),
            EventType = given.Text("event_type", EventReader.MaxNameLength),
            Priority = given.OneOf("priority", Priorities.Names),
            CorrelationId = faults.CorrelationId("filter.correlation_id", given.Text("correlation_id", MaxIdLength)),
            EndpointId = Endpoint(given, isRegistered),
            Reason = given.Text("reason", MaxReasonLength),
            Since = since,
            Until = until,
        };
        given.RefuseTheRest();
        return filter;
    }

    private static EndpointId? Endpoint(ObjectReader given, Func<EndpointId, bool> isRegistered)
    {
        if (given.Text("endpoint_id", MaxIdLength) is not { } text)
        {
            return null;
        }

        var id = new EndpointId(text);
        if (!isRegistered(id))
        {
            given.Refuse<string>("endpoint_id", $"\"{text}\" is no endpoint");
        }

        return id;
    }

    private static void RefuseForEvents(string name, ObjectReader given)
    {
        if (given.Member(name) is not null)
        {
            given.Refuse<string>(name, "is of dead letters; events have none");
        }
    }
}
