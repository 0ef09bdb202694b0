using System.Globalization;
using System.Text.Json;
using Middleware.Events;
using Middleware.Filtering;
using Middleware.Http;
using ServiceDefaults.Settings;

namespace Middleware.Endpoints;

/// <summary>Reads the definition of an endpoint. A missing member takes the service's setting.</summary>
internal sealed class EndpointBody(EndpointDefaults defaults, AddressCheck allows, SecretsFolder folder)
{
    private const int MaxNameLength = 128;
    private const string Shards = "shards";

    /// <summary>A whole definition, to register or to replace an endpoint.</summary>
    public static readonly RequestShape Whole = new(
        "EndpointRequest", "An endpoint as it is to be; what is left out or null is as the service's settings have it.", Describe);

    /// <summary>A change in parts.</summary>
    public static readonly RequestShape Patch = new(
        "EndpointPatch", "A JSON merge patch (RFC 7396) of an endpoint: null sets a member back to the service's settings.", Describe)
    {
        IsPatch = true,
    };

    private static readonly RequestShape BatchShape = new("BatchRequest", "The gathering of events into one request.", static (_, given) => Batch(given));

    private static readonly RequestShape RateShape = new("RateLimitRequest", "So many deliveries a second on average.", static (_, given) => Rate(given));

    private static readonly RequestShape RatePatch = new(
        "RateLimitPatch", "A JSON merge patch of a rate limit; a new limit needs its rate.", static (_, given) => Rate(given))
    {
        IsPatch = true,
    };

    /// <summary>Reads an endpoint to register.</summary>
    public WebhookEndpoint Read(RequestReader given, EndpointId id) => Read(given, id, name: null, DisabledReason.Operator, before: null);

    /// <summary>Reads an endpoint that replaces another. A member that is never shown stays when it is left out.</summary>
    public WebhookEndpoint Change(RequestReader given, WebhookEndpoint before) =>
        Read(given, before.Id, name: null, before.Disabled ?? DisabledReason.Operator, before) with { Secrets = before.Secrets, SecretReference = before.SecretReference };

    /// <summary>Reads an endpoint of the configuration, which may have its secret there. Its name is its id unless it is given.</summary>
    public WebhookEndpoint ReadDeclared(RequestReader given, EndpointId id)
    {
        var read = Read(given, id, id.Value, DisabledReason.Configuration, before: null);
        var (secrets, reference) = Secret(given);
        return read with { Origin = EndpointOrigin.Configuration, Secrets = secrets, SecretReference = reference };
    }

    private static void Describe(IServiceProvider services, RequestReader given) => services.GetRequiredService<EndpointBody>().Read(given, default);

    private WebhookEndpoint Read(RequestReader given, EndpointId id, string? name, DisabledReason ifDisabled, WebhookEndpoint? before)
    {
        var read = ReadMembers(given, id, name, ifDisabled, before);
        AuthBody.Judge(given, read);
        JudgeShards(given, read);
        return read;
    }

    /// <summary>Each shard has a whole part of each limit, of at least 1.</summary>
    private static void JudgeShards(RequestReader given, WebhookEndpoint read)
    {
        (string Member, double Limit)[] limits =
        [
            ("workers", read.Workers),
            ("queue_size", read.Queue.Size),
            .. read.RateLimit is { } rate ? ((string, double)[])[("rate_limit.per_second", rate.PerSecond), ("rate_limit.burst", rate.Burst)] : [],
        ];
        if (read.Layout.Shards > 1 && Array.Find(limits, limit => limit.Limit < read.Layout.Shards && !given.Errors.ContainsKey(limit.Member)) is { Member: { } member } exceeded)
        {
            given.Refuse<string>(Shards, string.Create(CultureInfo.InvariantCulture, $"{read.Layout.Shards} is more than {member}, which is {exceeded.Limit}: each shard has a part of it, at least 1"));
        }
    }

    private WebhookEndpoint ReadMembers(RequestReader given, EndpointId id, string? name, DisabledReason ifDisabled, WebhookEndpoint? before) => new()
    {
        Id = id,
        Name = given.Text("name", MaxNameLength, "The display name.", whenMissing: name is null ? "is required" : null) ?? name ?? "",
        Url = Url(given),
        Proxy = Proxy(given),
        Disabled = given.Flag("enabled", "False: its events wait for it and nothing is sent. True by default.") is false ? ifDisabled : null,
        Filter = FilterBody.Read(given, "The events that it gets; all by default.") ?? EventFilter.Everything,
        Workers = given.Whole("workers", 1, EndpointDefaults.MostWorkers, "The number of deliveries that run at once; `WORKER_COUNT` by default.") ?? defaults.Workers,
        Layout = Layout(given, before),
        Queue = new QueueLimit(
            given.Whole("queue_size", 1, EndpointDefaults.LargestQueue, "The number of deliveries that may wait before `when_full` decides; `QUEUE_SIZE` by default.") ?? defaults.QueueSize,
            given.OneOf(
                "when_full",
                EnumNames<WhenFull>.All,
                "`park`: the rest waits on disk. `reject`: an event that matches only such endpoints is refused. `park` by default.") ?? WhenFull.Park),
        Retries = new RetryPlan(
            given.Duration("timeout", EndpointDefaults.Timeouts, "The time limit of one attempt, 10ms to 5m; `HTTP_TIMEOUT` by default.") ?? defaults.Retries.Timeout,
            given.Whole("max_retries", 0, EndpointDefaults.MostRetries, "Attempts after the first, in the fast tier; `MAX_RETRIES` by default.") ?? defaults.Retries.MaxRetries,
            given.Duration(
                "base_delay",
                EndpointDefaults.BaseDelays,
                "The first pause between two attempts, 0s to 1m; each later one is twice as long. `BASE_DELAY` by default.") ?? defaults.Retries.BaseDelay),
        Redelivery = given.Durations(
            "redelivery_schedule",
            EndpointDefaults.LongestSchedule,
            EndpointDefaults.RedeliveryDelays,
            "The times at which a dead letter is delivered again by itself, each 1ms to 30d; `REDELIVERY_SCHEDULE` by default.") is { } delays ? new RedeliverySchedule(delays) : defaults.Redelivery,
        MaxAge = given.Duration(
            "max_age",
            EndpointDefaults.MaxAges,
            "The age of an event from which on it is not sent to this endpoint any more, 1s to 30d; `MAX_AGE` by default.") ?? defaults.MaxAge,
        RateLimit = given.Object("rate_limit", "The highest rate of its deliveries; no limit by default.", given.IsPatch ? RatePatch : RateShape, Rate),
        Batch = given.Object("batch", "The gathering of events into one request; one event a request by default.", BatchShape, Batch),
        Ordering = OrderingBody.Read(given),
        Headers = Headers(given, before?.Headers ?? DeliveryHeaders.None),
        Auth = AuthBody.Read(given, before?.Auth, allows, folder),
        Format = given.OneOf("format", EnumNames<DeliveryFormat>.All, "`native` or `cloudevents`; `native` by default.") ?? DeliveryFormat.Native,
        FallbackId = given.Text("fallback_endpoint_id", MaxNameLength, "The endpoint that gets an event when the redelivery schedule is spent; none by default.") is { } fallback
            ? new EndpointId(fallback)
            : null,
    };

    private static LaneLayout Layout(RequestReader given, WebhookEndpoint? before)
    {
        var shards = given.Whole(
            Shards,
            1,
            LaneLayout.MostShards,
            "The parts in which replicas share its deliveries among them, each with its part of `workers` and `rate_limit`; 1 by default. With SQLite it has one all the same.") ?? 1;
        return before?.Layout.To(shards) ?? LaneLayout.Of(shards);
    }

    private Uri Url(RequestReader given)
    {
        var text = given.Text(new RequestMember(
            "url",
            "string",
            "The URL of its receiver: http or https, without user name, password and fragment, to a public address or one of `ALLOWED_NETWORKS`.")
        {
            WhenMissing = WebhookUrl.Wanted,
            MaxLength = WebhookUrl.MaxLength,
            Pattern = Patterns.Url,
            Format = "uri",
        });
        return WebhookUrl.TryParse(text, allows, out var url, out var fault) ? url : given.Refuse("url", fault, new Uri("about:blank"))!;
    }

    private OutboundProxy? Proxy(RequestReader given)
    {
        var text = given.Text(new RequestMember(
            "proxy", "string", "The HTTP proxy of its deliveries, such as `http://proxy.internal:3128`, or `direct` for none; `OUTBOUND_PROXY` by default.")
        {
            MaxLength = WebhookUrl.MaxLength,
            Pattern = Patterns.Proxy,
        });
        return text is null ? null
            : OutboundProxy.TryParse(text, allows, out var proxy, out var fault) ? proxy
            : given.Refuse<OutboundProxy>("proxy", $"\"{SettingsReader.WithoutCredentials(text)}\" is not accepted; {fault}");
    }

    private static RateLimit Rate(RequestReader given) => new(
        given.Number("per_second", RateLimit.LeastPerSecond, RateLimit.MostPerSecond, "Deliveries a second, on average."),
        given.Whole("burst", 1, RateLimit.LargestBurst, "Deliveries at once after a pause; 1 by default.") ?? 1);

    private static BatchPlan Batch(RequestReader given) => new(
        given.Whole("max_size", 1, BatchPlan.LargestSize, "The most events; 100 by default.") ?? 100,
        given.Duration("max_wait", EndpointDefaults.BatchWaits, "The longest wait of the first event for others, 0s to 1m; 1s by default.") ?? TimeSpan.FromSeconds(1));

    /// <summary>
    /// Reads the headers, which are never shown. A definition leaves out those that stay; a patch is merged into them. The case of a name means
    /// nothing (RFC 9110, 5.1).
    /// </summary>
    private DeliveryHeaders Headers(RequestReader given, DeliveryHeaders stays)
    {
        const string Name = "headers";
        var entry = new RequestMember("", "string", "") { MaxLength = DeliveryHeaders.MaxValueLength, MayBeNull = given.IsPatch, Or = SecretBody.Reference };
        var text = given.IsPatch
            ? "Headers that are sent beside our own; null removes one."
            : "Headers that are sent beside our own, at most 20 of 8,192 characters in all, in visible ASCII; none that is ours, the body's or the connection's.";
        if (given.Find(new RequestMember(Name, "object", text) { Entry = entry }) is not { } value)
        {
            return given.Removes(Name) ? DeliveryHeaders.None : stays;
        }

        if (value.ValueKind != JsonValueKind.Object || value.EnumerateObject().Any(header => !IsValue(header.Value.ValueKind)))
        {
            return given.Refuse(Name, "must be an object of strings, such as {\"X-Team\":\"core\"}", DeliveryHeaders.None)!;
        }

        List<JsonProperty> named = [.. value.EnumerateObject()];
        List<KeyValuePair<string, string?>> plain =
        [
            .. Staying(stays.All).Select(static header => KeyValuePair.Create(header.Key, (string?)header.Value)),
            .. named.Where(static header => header.Value.ValueKind == JsonValueKind.String).Select(static header => KeyValuePair.Create(header.Name, JsonBody.Decode(header.Value))),
        ];
        var references = named.Where(static header => header.Value.ValueKind == JsonValueKind.Object).Select(header => (header.Name, Read: SecretBody.Read(header.Value, folder))).ToList();
        List<KeyValuePair<string, string>> referring = [.. Staying(stays.Referring), .. references.Select(static header => KeyValuePair.Create(header.Name, header.Read.Secret?.Reference ?? ""))];
        DeliveryHeaders.TryParse(plain, referring, out var headers, out var faults);
        List<string> all = [.. faults, .. references.Where(static header => header.Read.Fault is not null).Select(static header => $"{header.Name}: {header.Read.Fault}")];
        return all is [] ? headers! : given.Refuse(Name, string.Join("; ", all), DeliveryHeaders.None)!;

        bool IsValue(JsonValueKind kind) => kind is JsonValueKind.String or JsonValueKind.Object || (given.IsPatch && kind == JsonValueKind.Null);

        IEnumerable<KeyValuePair<string, string>> Staying(IEnumerable<KeyValuePair<string, string>> headers) =>
            headers.Where(header => given.IsPatch && !named.Exists(other => other.Name.Equals(header.Key, StringComparison.OrdinalIgnoreCase)));
    }

    /// <summary>Reads the secret that signs deliveries, or the reference to its file.</summary>
    private (SigningSecrets? Secrets, string? Reference) Secret(RequestReader given)
    {
        if (given.Find(new RequestMember("secret", "string", "The secret that signs deliveries.") { Or = SecretBody.Reference }) is not { } value)
        {
            return default;
        }

        if (value.ValueKind == JsonValueKind.Object)
        {
            var (reference, wrong) = SecretBody.Read(value, folder);
            return (null, wrong is null ? reference!.Reference : given.Refuse<string>("secret", wrong));
        }

        return WebhookSecret.TryParse(value.ValueKind == JsonValueKind.String ? value.GetString() : null, out var secret, out var fault)
            ? (new SigningSecrets(secret), null)
            : (given.Refuse<SigningSecrets>("secret", fault), null);
    }
}
