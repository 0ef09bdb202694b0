using System.Globalization;
using System.Text.Json.Serialization;

namespace ExternalAlerts;

/// <summary>The headers kept with an alert; those that were not sent are left out.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Skip)]
public sealed record ReceivedHeaders
{
    private const int FieldBytes = 56;

    /// <summary>The media type of the body.</summary>
    [JsonPropertyName("content-type"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ContentType { get; init; }

    /// <summary>W3C trace context of the sender's span.</summary>
    [JsonPropertyName("traceparent"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? TraceParent { get; init; }

    /// <summary>The sender and its version.</summary>
    [JsonPropertyName("user-agent"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? UserAgent { get; init; }

    /// <summary>Standard Webhooks: the message's id, the same on every attempt.</summary>
    [JsonPropertyName("webhook-id"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? WebhookId { get; init; }

    /// <summary>Standard Webhooks: the attempt's time in Unix seconds.</summary>
    [JsonPropertyName("webhook-timestamp"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? WebhookTimestamp { get; init; }

    /// <summary>Standard Webhooks: the signatures, space separated.</summary>
    [JsonPropertyName("webhook-signature"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? WebhookSignature { get; init; }

    /// <summary>The replay that sent the alert again.</summary>
    [JsonPropertyName("x-replay-id"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ReplayId { get; init; }

    [JsonIgnore]
    internal int Weight =>
        Cost.Of(FieldBytes) + Cost.Of(ContentType) + Cost.Of(TraceParent) + Cost.Of(UserAgent)
        + Cost.Of(WebhookId) + Cost.Of(WebhookTimestamp) + Cost.Of(WebhookSignature) + Cost.Of(ReplayId);

    internal static ReceivedHeaders Of(IHeaderDictionary headers) => new()
    {
        ContentType = headers.ContentType,
        TraceParent = headers.TraceParent,
        UserAgent = headers.UserAgent,
        WebhookId = headers["webhook-id"],
        WebhookTimestamp = headers["webhook-timestamp"],
        WebhookSignature = headers["webhook-signature"],
        ReplayId = headers["X-Replay-Id"],
    };

    /// <summary>The sender's number of the attempt; null for none, or for no number.</summary>
    internal static int? AttemptOf(IHeaderDictionary headers) =>
        int.TryParse(headers["X-Delivery-Attempt"], NumberStyles.None, CultureInfo.InvariantCulture, out var attempt) && attempt > 0
            ? attempt
            : null;
}
