using System.Globalization;
using System.Net;
using AspireIntegration.Client;
using AspireIntegration.Client.Operating;
using AspireIntegration.Console.Filters;
using AspireIntegration.Console.Wording;

namespace AspireIntegration.Console.Endpoints;

/// <summary>An endpoint as a form has it: texts, of which the API judges the values.</summary>
internal sealed class EndpointForm
{
    public string Name { get; set; } = "";

    public string Url { get; set; } = "";

    public string EventTypes { get; set; } = "";

    public string Sources { get; set; } = "";

    public string MinPriority { get; set; } = "";

    public string Expression { get; set; } = "";

    public int? Workers { get; set; }

    public string Timeout { get; set; } = "";

    public int? MaxRetries { get; set; }

    public string Schedule { get; set; } = "";

    public double? PerSecond { get; set; }

    public string Fallback { get; set; } = "";

    private FilterRequest Filter => FilterFields.Read(EventTypes, Sources, MinPriority, Expression);

    public static EndpointForm Of(EndpointItem endpoint) => new()
    {
        Name = endpoint.Name,
        Url = endpoint.Url,
        EventTypes = FilterFields.Write(endpoint.Filter.EventTypes),
        Sources = FilterFields.Write(endpoint.Filter.Sources),
        MinPriority = endpoint.Filter.MinPriority is { } priority ? Words.Name(priority) : "",
        Expression = endpoint.Filter.Expression ?? "",
        Workers = endpoint.Workers,
        Timeout = Duration(endpoint.Timeout),
        MaxRetries = endpoint.MaxRetries,
        Schedule = string.Join(", ", endpoint.RedeliverySchedule.Select(Duration)),
        PerSecond = endpoint.RateLimit?.PerSecond,
        Fallback = endpoint.FallbackEndpointId ?? "",
    };

    public EndpointRequest ToRequest() => new()
    {
        Name = Name.Trim(),
        Url = Url.Trim(),
        Filter = Filter,
        Workers = Workers,
        Timeout = Duration("timeout", Timeout),
        MaxRetries = MaxRetries,
        RedeliverySchedule = Schedule.Length == 0 ? null : Durations("redelivery_schedule", Schedule),
        RateLimit = PerSecond is { } rate ? new RateLimitRequest { PerSecond = rate } : null,
        FallbackEndpointId = Text(Fallback),
    };

    /// <summary>The members that differ from the endpoint: the others stay as they are, whoever changes them.</summary>
    public EndpointPatch ToPatch(EndpointItem endpoint)
    {
        var before = Of(endpoint);
        return new EndpointPatch
        {
            Name = Name == before.Name ? null : Name.Trim(),
            Url = Url == before.Url ? null : Url.Trim(),
            Filter = FilterFields.AreSame(before.Filter, Filter) ? default : FilterFields.ToPatch(Filter).Filter,
            Workers = Workers == before.Workers ? default : Workers,
            Timeout = Timeout == before.Timeout ? default : new Change<TimeSpan?>(Duration("timeout", Timeout)),
            MaxRetries = MaxRetries == before.MaxRetries ? default : MaxRetries,
            RedeliverySchedule = Schedule == before.Schedule ? default : new Change<TimeSpan[]?>(Durations("redelivery_schedule", Schedule)),
            RateLimit = PerSecond == before.PerSecond ? default : new Change<RateLimitPatch?>(PerSecond is { } rate ? new RateLimitPatch { PerSecond = rate } : null),
            FallbackEndpointId = Fallback == before.Fallback ? default : new Change<string?>(Text(Fallback)),
        };
    }

    private static string? Text(string text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();

    private static string[] Entries(string text) => text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private static TimeSpan[] Durations(string field, string text) => [.. Entries(text).Select(entry => Duration(field, entry) ?? TimeSpan.Zero)];

    /// <summary>Reads a duration as the API writes it, such as <c>500ms</c>, <c>3s</c> or <c>1m30s</c>; null for an empty text.</summary>
    private static TimeSpan? Duration(string field, string text)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return null;
        }

        return ServiceDefaults.Settings.Duration.TryParse(text.Trim(), out var duration) ? duration : throw new AspireIntegrationException(HttpStatusCode.BadRequest, "A field is not accepted.")
        {
            Errors = new Dictionary<string, IReadOnlyList<string>> { [field] = [string.Create(CultureInfo.InvariantCulture, $"\"{text}\" is no duration; expected one such as 500ms, 3s, 1m30s or 2d")] },
        };
    }

    private static string Duration(TimeSpan duration) => ServiceDefaults.Settings.Duration.Format(duration);
}
