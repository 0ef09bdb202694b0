using System.Text.Json;
using System.Text.Json.Serialization;
using Middleware.Endpoints;
using Middleware.Events;
using Middleware.Filtering;

namespace Middleware.Storage;

/// <summary>The stored form of an endpoint: JSON of which members are only ever added.</summary>
internal sealed record EndpointDocument
{
    private const string Hidden = "***";

    public required string Name { get; init; }

    public required string Url { get; init; }

    public string? Proxy { get; init; }

    public required bool IsEnabled { get; init; }

    public DisabledReason? DisabledReason { get; init; }

    public EndpointOrigin Origin { get; init; }

    public IReadOnlyList<string> EventTypes { get; init; } = [];

    public IReadOnlyList<string> Sources { get; init; } = [];

    public string? MinPriority { get; init; }

    public string? Expression { get; init; }

    public double? RatePerSecond { get; init; }

    public int? RateBurst { get; init; }

    public required int Workers { get; init; }

    /// <summary>Null for one, as it was before there were several.</summary>
    public int? Shards { get; init; }

    /// <inheritdoc cref="LaneLayout.Number"/>
    public int? Layout { get; init; }

    /// <inheritdoc cref="LaneLayout.Widest"/>
    public int? WidestShards { get; init; }

    public required int QueueSize { get; init; }

    public required WhenFull WhenFull { get; init; }

    public required TimeSpan Timeout { get; init; }

    public required int MaxRetries { get; init; }

    public required TimeSpan BaseDelay { get; init; }

    public required IReadOnlyList<TimeSpan> Redelivery { get; init; }

    public TimeSpan? MaxAge { get; init; }

    public int? BatchSize { get; init; }

    public TimeSpan? BatchWait { get; init; }

    /// <summary>The expression of the keys; null for no order by key.</summary>
    public string? OrderingKey { get; init; }

    public OnExhausted OnExhausted { get; init; }

    public DeliveryFormat Format { get; init; }

    public string? FallbackId { get; init; }

    /// <summary>Names and values by turns: the order counts.</summary>
    public IReadOnlyList<string> Headers { get; init; } = [];

    /// <summary>Names and references by turns; null for none.</summary>
    public IReadOnlyList<string>? ReferringHeaders { get; init; }

    public EndpointAuth? Auth { get; init; }

    public string? SecretReference { get; init; }

    public string? Secret { get; init; }

    public string? PreviousSecret { get; init; }

    public DateTimeOffset? PreviousSecretExpiresAt { get; init; }

    public static string Write(WebhookEndpoint endpoint) => JsonSerializer.Serialize(Of(endpoint), EndpointJson.Default.EndpointDocument);

    /// <summary>The JSON of an endpoint for the audit log: without its secrets, the values of its headers and the queries of its URLs.</summary>
    public static string Show(WebhookEndpoint endpoint) => JsonSerializer.Serialize(
        Of(endpoint) with
        {
            Url = WebhookUrl.HideQuery(endpoint.Url.OriginalString),
            Headers = [.. endpoint.Headers.All.SelectMany(static header => (string[])[header.Key, Hidden])],
            Auth = endpoint.Auth?.Shown(hidesQuery: true),
            Secret = endpoint.Secrets is null ? null : Hidden,
            PreviousSecret = endpoint.Secrets?.Previous is null ? null : Hidden,
        },
        EndpointJson.Default.EndpointDocument);

    private static EndpointDocument Of(WebhookEndpoint endpoint) =>
        new()
        {
            Name = endpoint.Name,
            Url = endpoint.Url.OriginalString,
            Proxy = endpoint.Proxy?.Text,
            IsEnabled = endpoint.IsEnabled,
            DisabledReason = endpoint.Disabled,
            Origin = endpoint.Origin,
            EventTypes = [.. endpoint.Filter.EventTypes.Texts],
            Sources = [.. endpoint.Filter.Sources.Texts],
            MinPriority = endpoint.Filter.MinPriority?.Name(),
            Expression = endpoint.Filter.Expression,
            RatePerSecond = endpoint.RateLimit?.PerSecond,
            RateBurst = endpoint.RateLimit?.Burst,
            Workers = endpoint.Workers,
            Shards = IfNot(endpoint.Layout.Shards, 1),
            Layout = IfNot(endpoint.Layout.Number, 0),
            WidestShards = IfNot(endpoint.Layout.Widest, 1),
            QueueSize = endpoint.Queue.Size,
            WhenFull = endpoint.Queue.WhenFull,
            Timeout = endpoint.Retries.Timeout,
            MaxRetries = endpoint.Retries.MaxRetries,
            BaseDelay = endpoint.Retries.BaseDelay,
            Redelivery = endpoint.Redelivery.Delays,
            MaxAge = endpoint.MaxAge,
            BatchSize = endpoint.Batch?.MaxSize,
            BatchWait = endpoint.Batch?.MaxWait,
            OrderingKey = endpoint.Ordering?.Expression,
            OnExhausted = endpoint.Ordering?.OnExhausted ?? default,
            Format = endpoint.Format,
            FallbackId = endpoint.FallbackId?.Value,
            Headers = [.. endpoint.Headers.All.SelectMany(static header => (string[])[header.Key, header.Value])],
            ReferringHeaders = endpoint.Headers.Referring is [] ? null : [.. endpoint.Headers.Referring.SelectMany(static header => (string[])[header.Key, header.Value])],
            Auth = endpoint.Auth,
            SecretReference = endpoint.SecretReference,
            Secret = endpoint.Secrets?.Current.Reveal(),
            PreviousSecret = endpoint.Secrets?.Previous?.Secret.Reveal(),
            PreviousSecretExpiresAt = endpoint.Secrets?.Previous?.ExpiresAt,
        };

    /// <summary>
    /// Reads the JSON of <see cref="Write"/>; any other text throws a <see cref="JsonException"/> or a <see cref="FormatException"/>.
    /// </summary>
    public static WebhookEndpoint Read(EndpointId id, string json)
    {
        var document = JsonSerializer.Deserialize(json, EndpointJson.Default.EndpointDocument) ?? throw new FormatException($"The endpoint {id} is empty.");
        var headers = document.Headers.Chunk(2).Select(static header => KeyValuePair.Create(header[0], (string?)header[1])).ToList();
        var referring = (document.ReferringHeaders ?? []).Chunk(2).Select(static header => KeyValuePair.Create(header[0], header[1])).ToList();
        return new WebhookEndpoint
        {
            Id = id,
            Name = document.Name,
            Url = WebhookUrl.AsSent(document.Url),
            Proxy = document.Proxy is { } proxy ? OutboundProxy.Stored(proxy) : null,
            Origin = document.Origin,
            Disabled = document.IsEnabled ? null : document.DisabledReason ?? Endpoints.DisabledReason.Operator,
            Filter = EventFilter.TryCreate(document.EventTypes, document.Sources, document.MinPriority, document.Expression, out var filter, out var wrong)
                ? filter
                : throw new FormatException(string.Join("; ", wrong)),
            RateLimit = document is { RatePerSecond: { } perSecond, RateBurst: { } burst } ? new RateLimit(perSecond, burst) : null,
            Workers = document.Workers,
            Layout = new LaneLayout(document.Shards ?? 1, document.Layout ?? 0, document.WidestShards ?? 1),
            Queue = new QueueLimit(document.QueueSize, document.WhenFull),
            Retries = new RetryPlan(document.Timeout, document.MaxRetries, document.BaseDelay),
            Redelivery = new RedeliverySchedule(document.Redelivery),
            MaxAge = document.MaxAge,
            Batch = document is { BatchSize: { } size, BatchWait: { } wait } ? new BatchPlan(size, wait) : null,
            Ordering = document.OrderingKey is not { } key ? null
                : KeyOrdering.TryCreate(key, document.OnExhausted, out var ordering, out var fault) ? ordering
                : throw new FormatException(fault),
            Format = document.Format,
            FallbackId = document.FallbackId is { } fallback ? new EndpointId(fallback) : null,
            Headers = DeliveryHeaders.TryParse(headers, referring, out var read, out var faults) ? read : throw new FormatException(string.Join("; ", faults)),
            Auth = document.Auth,
            SecretReference = document.SecretReference,
            Secrets = Secrets(document),
        };
    }

    private static int? IfNot(int value, int common) => value == common ? null : value;

    private static SigningSecrets? Secrets(EndpointDocument document) => document.Secret is not { } current
        ? null
        : new SigningSecrets(Parse(current))
        {
            Previous = document is { PreviousSecret: { } previous, PreviousSecretExpiresAt: { } expiresAt } ? new ReplacedSecret(Parse(previous), expiresAt) : null,
        };

    private static WebhookSecret Parse(string text) => WebhookSecret.TryParse(text, out var secret, out var fault) ? secret : throw new FormatException(fault);
}

/// <summary>Writes an enum's value by its name in the program, which is in files from before it had a name in the API.</summary>
internal sealed class StoredName<T> : JsonConverter<T>
    where T : struct, Enum
{
    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        Enum.TryParse<T>(reader.GetString(), out var value) ? value : throw new JsonException();

    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
}

/// <summary>Writes a secret whole: the document is kept as one.</summary>
internal sealed class StoredSecret : JsonConverter<SecretValue>
{
    public override SecretValue Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String ? new SecretValue(reader.GetString()) : new SecretValue(null, JsonElement.ParseValue(ref reader).GetProperty(SecretValue.Member).GetString());

    public override void Write(Utf8JsonWriter writer, SecretValue value, JsonSerializerOptions options)
    {
        if (value.Text is { } text)
        {
            writer.WriteStringValue(text);
        }
        else
        {
            ShownSecret.Write(writer, value.Reference);
        }
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    Converters =
    [
        typeof(StoredName<DisabledReason>), typeof(StoredName<EndpointOrigin>), typeof(StoredName<WhenFull>), typeof(StoredName<DeliveryFormat>), typeof(StoredName<AuthKind>), typeof(StoredName<OnExhausted>),
        typeof(StoredSecret),
    ])]
[JsonSerializable(typeof(EndpointDocument))]
internal sealed partial class EndpointJson : JsonSerializerContext;
