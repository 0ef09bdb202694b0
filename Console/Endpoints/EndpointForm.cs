using System.Globalization;
using AspireIntegration.Client.Operating;
using AspireIntegration.Console.Filters;
using AspireIntegration.Console.Forms;
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

    public string Workers { get; set; } = "";

    public string Timeout { get; set; } = "";

    public string MaxRetries { get; set; } = "";

    public string Schedule { get; set; } = "";

    public string PerSecond { get; set; } = "";

    public string Fallback { get; set; } = "";

    private double? Rate => FormValues.Number("rate_limit.per_second", PerSecond);

    private FilterRequest Filter => FilterFields.Read(EventTypes, Sources, MinPriority, Expression);

    public static EndpointForm Of(EndpointItem endpoint) => new()
    {
        Name = endpoint.Name,
        Url = endpoint.Url,
        EventTypes = FilterFields.Write(endpoint.Filter.EventTypes),
        Sources = FilterFields.Write(endpoint.Filter.Sources),
        MinPriority = endpoint.Filter.MinPriority is { } priority ? Words.Name(priority) : "",
        Expression = endpoint.Filter.Expression ?? "",
        Workers = Whole(endpoint.Workers),
        Timeout = Duration(endpoint.Timeout),
        MaxRetries = Whole(endpoint.MaxRetries),
        Schedule = string.Join(", ", endpoint.RedeliverySchedule.Select(Duration)),
        PerSecond = endpoint.RateLimit?.PerSecond.ToString(CultureInfo.InvariantCulture) ?? "",
        Fallback = endpoint.FallbackEndpointId ?? "",
    };

    public EndpointRequest ToRequest() => new()
    {
        Name = Name.Trim(),
        Url = Url.Trim(),
        Filter = Filter,
        Workers = FormValues.Whole("workers", Workers),
        Timeout = FormValues.Duration("timeout", Timeout),
        MaxRetries = FormValues.Whole("max_retries", MaxRetries),
        RedeliverySchedule = Schedule.Length == 0 ? null : Durations("redelivery_schedule", Schedule),
        RateLimit = Rate is { } rate ? new RateLimitRequest { PerSecond = rate } : null,
        FallbackEndpointId = FormValues.Text(Fallback),
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
            Workers = Workers == before.Workers ? default : new Change<int?>(FormValues.Whole("workers", Workers)),
            Timeout = Timeout == before.Timeout ? default : new Change<TimeSpan?>(FormValues.Duration("timeout", Timeout)),
            MaxRetries = MaxRetries == before.MaxRetries ? default : new Change<int?>(FormValues.Whole("max_retries", MaxRetries)),
            RedeliverySchedule = Schedule == before.Schedule ? default : new Change<TimeSpan[]?>(Durations("redelivery_schedule", Schedule)),
            RateLimit = PerSecond == before.PerSecond ? default : new Change<RateLimitPatch?>(Rate is { } rate ? new RateLimitPatch { PerSecond = rate } : null),
            FallbackEndpointId = Fallback == before.Fallback ? default : new Change<string?>(FormValues.Text(Fallback)),
        };
    }

    private static TimeSpan[] Durations(string field, string text) =>
        [.. text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(entry => FormValues.Duration(field, entry) ?? TimeSpan.Zero)];

    private static string Whole(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Duration(TimeSpan duration) => ServiceDefaults.Settings.Duration.Format(duration);
}
