using System.Text.Json;
using Middleware.Domain;

namespace Middleware.Api;

/// <summary>Reads what is to be replayed in bulk and names all that is wrong with it.</summary>
internal static class BulkReplayBody
{
    private const int MaxRate = 100_000;
    private const int MaxIdLength = 128;
    private const int MaxReasonLength = 64;

    /// <summary>Null, with the errors, when it is not valid. Endpoints for which <paramref name="isRegistered"/> is false are none.</summary>
    public static async Task<(ReplayOrder? Order, bool DryRun)> ReadAsync(
        HttpRequest request, QueryFaults faults, Func<EndpointId, bool> isRegistered, CancellationToken cancellationToken)
    {
        try
        {
            var asked = await JsonSerializer.DeserializeAsync(request.Body, HistoryJson.Default.BulkReplayRequest, cancellationToken);
            var order = asked is null ? null : Read(asked, faults, isRegistered);
            if (asked is null)
            {
                faults.Errors["body"] = ["must be a JSON object"];
            }

            return faults.Errors.Count == 0 ? (order, asked!.DryRun) : default;
        }
        catch (JsonException exception)
        {
            var field = exception.Path is { Length: > 2 } path ? path[2..] : "body";
            faults.Errors[field] = [$"is not valid: {exception.Message}"];
            return default;
        }
    }

    private static ReplayOrder Read(BulkReplayRequest asked, QueryFaults faults, Func<EndpointId, bool> isRegistered)
    {
        var of = faults.OneOf("of", asked.Of, BulkReplayMapping.Name, ReplaySubject.DeadLetters, ReplaySubject.Events);
        if (asked.Of is null)
        {
            faults.Errors["of"] = ["is required; dead_letters or events is accepted"];
        }

        if (asked.Filter is null)
        {
            faults.Errors["filter"] = ["is required; {} takes everything"];
        }

        if (asked.RatePerSecond is < 1 or > MaxRate)
        {
            faults.Errors["rate_per_second"] = [$"must be a whole number from 1 to {MaxRate}, or null for no limit; it is {asked.RatePerSecond}"];
        }

        var filter = Read(asked.Filter ?? new BulkReplayFilter(), of, faults, isRegistered);
        var target = Endpoint("endpoint_id", asked.EndpointId, faults, isRegistered);
        if (target is not null && filter.EndpointId is not null && target != filter.EndpointId)
        {
            faults.Errors["endpoint_id"] = [$"\"{target}\" is another than filter.endpoint_id; a dead letter is delivered to its own endpoint"];
        }

        return new ReplayOrder { Of = of ?? default, Filter = filter, EndpointId = target, RatePerSecond = asked.RatePerSecond };
    }

    private static ReplayFilter Read(BulkReplayFilter given, ReplaySubject? of, QueryFaults faults, Func<EndpointId, bool> isRegistered)
    {
        if (of == ReplaySubject.Events)
        {
            RefuseForEvents("filter.endpoint_id", given.EndpointId, faults);
            RefuseForEvents("filter.reason", given.Reason, faults);
        }

        var (since, until) = faults.Times(given.Since, given.Until, "filter.");
        return new ReplayFilter
        {
            Source = faults.Text("filter.source", given.Source, EventReader.MaxNameLength),
            EventType = faults.Text("filter.event_type", given.EventType, EventReader.MaxNameLength),
            Priority = faults.Priority("filter.priority", given.Priority),
            CorrelationId = faults.CorrelationId("filter.correlation_id", given.CorrelationId),
            EndpointId = Endpoint("filter.endpoint_id", given.EndpointId, faults, isRegistered),
            Reason = faults.Text("filter.reason", given.Reason, MaxReasonLength),
            Since = since,
            Until = until,
        };
    }

    private static EndpointId? Endpoint(string name, string? given, QueryFaults faults, Func<EndpointId, bool> isRegistered)
    {
        if (faults.Text(name, given, MaxIdLength) is not { } text)
        {
            return null;
        }

        var id = new EndpointId(text);
        if (!isRegistered(id))
        {
            faults.Errors.TryAdd(name, [$"\"{text}\" is no endpoint"]);
        }

        return id;
    }

    private static void RefuseForEvents(string name, string? given, QueryFaults faults)
    {
        if (given is not null)
        {
            faults.Errors[name] = ["is of dead letters; events have none"];
        }
    }
}
