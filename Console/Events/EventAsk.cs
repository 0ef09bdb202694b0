using AspireIntegration.Client.Operating;
using AspireIntegration.Console.Feedback;
using AspireIntegration.Console.Forms;

namespace AspireIntegration.Console.Events;

/// <summary>The conditions of a page of events, as its URL has them; null for none.</summary>
public sealed record EventAsk
{
    /// <summary>The source, exactly.</summary>
    public string? Source { get; init => field = AddressReader.Given(value); }

    /// <summary>The event type, exactly.</summary>
    public string? Type { get; init => field = AddressReader.Given(value); }

    /// <summary>The name of the priority.</summary>
    public string? Priority { get; init => field = AddressReader.Given(value); }

    /// <summary>The name of the status.</summary>
    public string? Status { get; init => field = AddressReader.Given(value); }

    /// <summary>A text that the payload has.</summary>
    public string? Q { get; init => field = AddressReader.Given(value); }

    /// <summary>Accepted at this time or later: a time, or a duration before now.</summary>
    public string? Since { get; init => field = AddressReader.Given(value); }

    /// <summary>The correlation id, exactly.</summary>
    public string? Correlation { get; init => field = AddressReader.Given(value); }

    /// <summary>CloudEvents SQL, which only the stream knows.</summary>
    public string? Filter { get; init => field = AddressReader.Given(value); }

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
    internal EventQuery? ToQuery(AddressReader address, out Fault? fault)
    {
        var query = new EventQuery
        {
            Source = Source,
            EventType = Type,
            Priority = address.OneOf<Client.Operating.Priority>("priority", Priority),
            Status = address.OneOf<EventStatus>("status", Status),
            Q = Q,
            Since = address.Time("since", Since),
            CorrelationId = Correlation,
        };
        fault = address.Fault;
        return fault is null ? query : null;
    }
}
