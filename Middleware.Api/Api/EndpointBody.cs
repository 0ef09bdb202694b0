using System.Buffers;
using System.Text.Json;
using Middleware.Domain;
using Middleware.UseCases;

namespace Middleware.Api;

/// <summary>Reads an endpoint as it is to be and names all that is wrong with it at once.</summary>
internal sealed class EndpointBody(EndpointDefaults defaults, AddressCheck allows)
{
    private const int MaxNameLength = 128;

    /// <summary>One that is to be registered; null, with the errors, when it is not valid. What is not given is as the defaults have it; secrets are not given here.</summary>
    public WebhookEndpoint? Read(JsonElement given, EndpointId id, QueryFaults faults)
    {
        var members = new ObjectReader(given, faults);
        var endpoint = Read(members, id, name: null, DisabledReason.Operator);
        members.RefuseTheRest();
        return faults.Errors.Count == 0 ? endpoint : null;
    }

    /// <summary>
    /// One that takes the place of another; null, with the errors, when it is not valid. Members that are never shown stay when they are left
    /// out, others are then as the defaults have them. What is shown may come back.
    /// </summary>
    public WebhookEndpoint? Replace(JsonElement given, WebhookEndpoint before, EndpointItem shown, QueryFaults faults) =>
        Replace(given, before, shown, faults, stays: before);

    /// <summary>Applies a patch to an endpoint; null, with the errors, when the result is not valid.</summary>
    public WebhookEndpoint? Patch(JsonElement patch, WebhookEndpoint before, EndpointItem shown, QueryFaults faults)
    {
        var written = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(written))
        {
            MergePatch.Apply(EndpointMapping.Whole(shown, before, patch), patch, writer);
        }

        using var merged = JsonDocument.Parse(written.WrittenMemory);
        return Replace(merged.RootElement, before, shown, faults, stays: null);
    }

    /// <summary>One that is declared in the configuration, where it may have its secret as well. Its name is its id unless it is given.</summary>
    public WebhookEndpoint Read(ObjectReader declared, EndpointId id)
    {
        var endpoint = Read(declared, id, id.Value, DisabledReason.Configuration) with { Origin = EndpointOrigin.Configuration, Secrets = Secret(declared) };
        declared.RefuseTheRest();
        return endpoint;
    }

    private WebhookEndpoint? Replace(JsonElement given, WebhookEndpoint before, EndpointItem shown, QueryFaults faults, WebhookEndpoint? stays)
    {
        var members = new ObjectReader(given, faults);
        var endpoint = Read(members, before.Id, name: null, before.Disabled ?? DisabledReason.Operator, stays);
        if (stays is not null)
        {
            // It was another when it was shown.
            members.Ignore("health");
        }

        members.RefuseTheRest(EndpointMapping.Shown(shown, before, given), isWhole: stays is null);
        return faults.Errors.Count == 0 ? endpoint with { Secrets = before.Secrets } : null;
    }

    private WebhookEndpoint Read(ObjectReader members, EndpointId id, string? name, DisabledReason ifDisabled, WebhookEndpoint? stays = null) => new()
    {
        Id = id,
        Name = members.Text("name", MaxNameLength, name) ?? members.Refuse("name", "is required", "")!,
        Url = Url(members),
        Filter = members.Member("filter") is { } filter ? FilterBody.Read(filter, members.Errors) ?? EndpointFilter.Everything : EndpointFilter.Everything,
        RateLimit = Rate(members.Object("rate_limit")),
        Disabled = members.Flag("enabled", fallback: true) ? null : ifDisabled,
        Workers = members.Whole("workers", defaults.Workers, 1, EndpointDefaults.MostWorkers),
        Queue = new QueueLimit(members.Whole("queue_size", defaults.QueueSize, 1, EndpointDefaults.LargestQueue), members.OneOf("when_full", EnumNames<WhenFull>.All) ?? WhenFull.Park),
        Retries = new RetryPlan(
            members.Duration("timeout", defaults.Retries.Timeout, EndpointDefaults.Timeouts),
            members.Whole("max_retries", defaults.Retries.MaxRetries, 0, EndpointDefaults.MostRetries),
            members.Duration("base_delay", defaults.Retries.BaseDelay, EndpointDefaults.BaseDelays)),
        Redelivery = new RedeliverySchedule(members.Durations(
            "redelivery_schedule", defaults.Redelivery.Delays, EndpointDefaults.RedeliveryDelays, EndpointDefaults.LongestSchedule)),
        Batch = Batch(members.Object("batch")),
        Format = members.OneOf("format", EnumNames<DeliveryFormat>.All) ?? DeliveryFormat.Native,
        FallbackId = members.Text("fallback_endpoint_id", MaxNameLength) is { } fallback ? new EndpointId(fallback) : null,
        Headers = WriteOnly(members, "headers", Headers, stays?.Headers) ?? DeliveryHeaders.None,
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

    /// <summary>A member that is never shown, so that no client can give it back: left out, it is what <paramref name="stays"/>.</summary>
    private static T? WriteOnly<T>(ObjectReader members, string name, Func<ObjectReader, JsonElement, T> read, T? stays) =>
        members.Member(name) is { } given ? read(members, given) : stays;

    private static DeliveryHeaders Headers(ObjectReader members, JsonElement given)
    {
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
