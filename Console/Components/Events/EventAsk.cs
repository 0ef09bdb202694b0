using System.Globalization;
using AspireIntegration.Client.Operating;
using ServiceDefaults.Settings;

namespace AspireIntegration.Console.Components.Events;

/// <summary>The conditions of a page of events, as its URL has them; null for none.</summary>
public sealed record EventAsk
{
    /// <summary>The source, exactly.</summary>
    public string? Source { get; init => field = Given(value); }

    /// <summary>The event type, exactly.</summary>
    public string? Type { get; init => field = Given(value); }

    /// <summary>The name of the priority.</summary>
    public string? Priority { get; init => field = Given(value); }

    /// <summary>The name of the status.</summary>
    public string? Status { get; init => field = Given(value); }

    /// <summary>A text that the payload has.</summary>
    public string? Q { get; init => field = Given(value); }

    /// <summary>Accepted at this time or later: a time, or a duration before now.</summary>
    public string? Since { get; init => field = Given(value); }

    /// <summary>The correlation id, exactly.</summary>
    public string? Correlation { get; init => field = Given(value); }

    /// <summary>CloudEvents SQL, which only the stream knows.</summary>
    public string? Filter { get; init => field = Given(value); }

    /// <summary>True without any condition.</summary>
    public bool IsEverything => this == new EventAsk();

    /// <summary>The conditions in words.</summary>
    public string InWords => IsEverything ? "everything" : string.Join(", ", Parameters.Where(static part => part.Value is not null).Select(static part => $"{part.Name} {part.Value}"));

    /// <summary>The parameters of the URL, those without a value among them.</summary>
    public (string Name, string? Value)[] Parameters =>
    [
        ("source", Source), ("type", Type), ("priority", Priority), ("status", Status), ("q", Q), ("since", Since), ("correlation", Correlation), ("filter", Filter),
    ];

    /// <summary>The query of the API; null when a condition is no such value, which the fault names.</summary>
    public EventQuery? ToQuery(DateTimeOffset now, out Fault? fault)
    {
        var (priority, status, since) = (Names.Find<Client.Operating.Priority>(Priority), Names.Find<EventStatus>(Status), TimeOf(Since, now));
        var fields = new Dictionary<string, IReadOnlyList<string>>();
        Judge("priority", Priority, priority is not null, string.Join(", ", Names.All<Client.Operating.Priority>().Select(Names.Of)));
        Judge("status", Status, status is not null, string.Join(", ", Names.All<EventStatus>().Select(Names.Of)));
        Judge("since", Since, since is not null, "a time such as 2026-01-31T12:00Z, or a duration such as 15m or 1h before now");
        fault = fields.Count == 0 ? null : new Fault("The address of this page has a condition that is not valid.") { Fields = fields };
        return fault is not null ? null : new EventQuery
        {
            Source = Source,
            EventType = Type,
            Priority = priority,
            Status = status,
            Q = Q,
            Since = since,
            CorrelationId = Correlation,
        };

        void Judge(string name, string? given, bool isValid, string wanted)
        {
            if (given is not null && !isValid)
            {
                fields[name] = [$"\"{given}\" is not accepted; expected {wanted}"];
            }
        }
    }

    private static string? Given(string? text) => string.IsNullOrWhiteSpace(text) ? null : text;

    private static DateTimeOffset? TimeOf(string? text, DateTimeOffset now) =>
        Duration.TryParse(text, out var ago) ? now - ago
        : DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time
        : null;
}
