using System.Text.Json;
using Middleware.Domain;
using Middleware.UseCases;

namespace Middleware.Api;

/// <summary>Reads an endpoint as it is to be and names all that is wrong with it at once.</summary>
internal sealed class EndpointBody(EndpointDefaults defaults, AddressCheck allows)
{
    public const int MaxBytes = 65_536;

    private const int MaxNameLength = 128;

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    /// <summary>Null, with the errors, when it is not valid. What is not given is as the defaults have it; secrets are not given here.</summary>
    public async Task<WebhookEndpoint?> ReadAsync(HttpRequest request, EndpointId id, QueryFaults faults, CancellationToken cancellationToken)
    {
        try
        {
            using var document = await JsonDocument.ParseAsync(request.Body, Strict, cancellationToken);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                faults.Errors[EventReader.Body] = ["must be a JSON object"];
                return null;
            }

            var members = new ObjectReader(document.RootElement, faults);
            var endpoint = Read(members, id, name: null, DisabledReason.Operator, faults);
            members.RefuseTheRest();
            return faults.Errors.Count == 0 ? endpoint : null;
        }
        catch (InvalidOperationException)
        {
            // What the search for duplicates says of a name with an escaped surrogate that lacks its other half.
            faults.Errors[EventReader.Body] = [JsonBody.HalfPairInName];
            return null;
        }
        catch (JsonException exception)
        {
            faults.Errors[EventReader.Body] = [$"is not valid JSON: {exception.Message}"];
            return null;
        }
    }

    /// <summary>One that is declared in the configuration, where it may have its secret as well. Its name is its id unless it is given.</summary>
    public WebhookEndpoint Read(ObjectReader declared, EndpointId id, QueryFaults faults)
    {
        var endpoint = Read(declared, id, id.Value, DisabledReason.Configuration, faults) with { Origin = EndpointOrigin.Configuration, Secrets = Secret(declared) };
        declared.RefuseTheRest();
        return endpoint;
    }

    private WebhookEndpoint Read(ObjectReader members, EndpointId id, string? name, DisabledReason ifDisabled, QueryFaults faults) => new()
    {
        Id = id,
        Name = members.Text("name", MaxNameLength, name) ?? members.Refuse("name", "is required", "")!,
        Url = Url(members),
        Filter = members.Member("filter") is { } filter ? FilterBody.Read(filter, faults.Errors) ?? EndpointFilter.Everything : EndpointFilter.Everything,
        RateLimit = Rate(members.Object("rate_limit")),
        Disabled = members.Flag("enabled", fallback: true) ? null : ifDisabled,
        Workers = members.Whole("workers", defaults.Workers, 1, EndpointDefaults.MostWorkers),
        Queue = new QueueLimit(members.Whole("queue_size", defaults.QueueSize, 1, EndpointDefaults.LargestQueue), Full(members)),
        Retries = new RetryPlan(
            members.Duration("timeout", defaults.Retries.Timeout, EndpointDefaults.Timeouts),
            members.Whole("max_retries", defaults.Retries.MaxRetries, 0, EndpointDefaults.MostRetries),
            members.Duration("base_delay", defaults.Retries.BaseDelay, EndpointDefaults.BaseDelays)),
        Redelivery = new RedeliverySchedule(members.Durations(
            "redelivery_schedule", defaults.Redelivery.Delays, EndpointDefaults.RedeliveryDelays, EndpointDefaults.LongestSchedule)),
        Batch = Batch(members.Object("batch")),
        Format = Format(members),
        FallbackId = members.Text("fallback_endpoint_id", MaxNameLength) is { } fallback ? new EndpointId(fallback) : null,
        Headers = Headers(members),
    };

    private static SigningSecrets? Secret(ObjectReader members)
    {
        if (members.Member("secret") is not { } given)
        {
            return null;
        }

        return WebhookSecret.TryParse(given.ValueKind == JsonValueKind.String ? given.GetString() : null, out var secret, out var fault) ? new SigningSecrets(secret) : members.Refuse<SigningSecrets>("secret", fault);
    }

    private Uri Url(ObjectReader members)
    {
        var text = members.Text("url", WebhookUrl.MaxLength);
        return WebhookUrl.TryParse(text, allows, out var url, out var fault) ? url : members.Refuse("url", fault, new Uri("about:blank"))!;
    }

    private static RateLimit? Rate(ObjectReader? members)
    {
        if (members is null)
        {
            return null;
        }

        var rate = new RateLimit(
            members.Number("per_second", RateLimit.LeastPerSecond, RateLimit.MostPerSecond), members.Whole("burst", 1, 1, RateLimit.LargestBurst));
        members.RefuseTheRest();
        return rate;
    }

    private static BatchPlan? Batch(ObjectReader? members)
    {
        if (members is null)
        {
            return null;
        }

        var batch = new BatchPlan(
            members.Whole("max_size", fallback: 100, 1, BatchPlan.LargestSize), members.Duration("max_wait", TimeSpan.FromSeconds(1), EndpointDefaults.BatchWaits));
        members.RefuseTheRest();
        return batch;
    }

    private static DeliveryFormat Format(ObjectReader members)
    {
        var name = members.Text("format", MaxNameLength, DeliveryFormats.Native);
        return name is null ? default : DeliveryFormats.Find(name)
            ?? members.Refuse("format", $"\"{name}\" is none; one of {DeliveryFormats.Native}, {DeliveryFormats.CloudEvents} is accepted", DeliveryFormat.Native);
    }

    private static WhenFull Full(ObjectReader members) => members.Text("when_full", MaxNameLength, "park") switch
    {
        "park" => WhenFull.Park,
        "reject" => WhenFull.Reject,
        var other => members.Refuse("when_full", $"\"{other}\" is none; one of park, reject is accepted", WhenFull.Park),
    };

    private static DeliveryHeaders Headers(ObjectReader members)
    {
        if (members.Member("headers") is not { } given)
        {
            return DeliveryHeaders.None;
        }

        if (given.ValueKind != JsonValueKind.Object || given.EnumerateObject().Any(static header => header.Value.ValueKind != JsonValueKind.String))
        {
            return members.Refuse("headers", "must be an object of strings, such as {\"X-Team\":\"core\"}", DeliveryHeaders.None)!;
        }

        var pairs = given.EnumerateObject().Select(static header => KeyValuePair.Create(header.Name, JsonBody.Decode(header.Value))).ToList();
        return DeliveryHeaders.TryParse(pairs, out var headers, out var faults)
            ? headers
            : members.Refuse("headers", string.Join("; ", faults), DeliveryHeaders.None)!;
    }
}
