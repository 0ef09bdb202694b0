using System.Globalization;

namespace Middleware.Events;

/// <summary>The reasons for which attempts fail, in words that are stored, counted and searched for.</summary>
internal static class FailureReason
{
    /// <summary>The most characters of a reason in a request.</summary>
    public const int MaxLength = 64;

    public const string Timeout = "timeout";
    public const string ConnectionRefused = "connection_refused";
    public const string ConnectionReset = "connection_reset";
    public const string Dns = "dns";
    public const string Tls = "tls";
    public const string Redirect = "redirect";
    public const string Network = "network";

    /// <summary>The proxy opens no way to the receiver.</summary>
    public const string Proxy = "proxy";

    /// <summary>Before the status of an answer.</summary>
    public const string HttpPrefix = "http_";

    /// <summary>The file of a secret cannot be read, or has no usable text.</summary>
    public const string Secret = "secret";

    /// <summary>The authorization server gives no access token.</summary>
    public const string Token = "token";

    /// <summary>The host has no address that events are sent to.</summary>
    public const string AddressRefused = "address_refused";

    /// <summary>The stored event cannot be read back.</summary>
    public const string Unreadable = "unreadable";

    /// <summary>The endpoint was deleted while the delivery waited.</summary>
    public const string EndpointDeleted = "endpoint_deleted";

    /// <summary>The event was erased while the delivery waited.</summary>
    public const string Erased = "erased";

    /// <summary>The deadline of the delivery is past.</summary>
    public const string Expired = "expired";

    /// <summary>The service itself failed on the delivery; its log has the cause.</summary>
    public const string Defect = "defect";

    /// <summary>
    /// True for a failure that may pass by itself: network errors, time-outs, 5xx, 408 and 429. A refused address is not among them. An operator has
    /// to change the endpoint, the records of its name or the allowed networks. Repeated look-ups of a name that may lead inside would serve an
    /// attacker.
    /// </summary>
    public static bool MayPass(Attempt attempt) => attempt switch
    {
        { Reason: null } => false,
        { StatusCode: { } status } => status is >= 500 or 408 or 429,
        { Reason: AddressRefused or Unreadable or EndpointDeleted or Defect } => false,
        _ => true,
    };

    /// <summary>True for a failure that the fast tier repeats: network errors, time-outs and 5xx. 408 and 429 are left to the slow tier.</summary>
    public static bool IsTransient(Attempt attempt) => MayPass(attempt) && attempt.StatusCode is null or >= 500;

    /// <summary>True for an answer that rejects the content and not the endpoint: 400, 413 and 422.</summary>
    public static bool IsOfTheContent(Attempt attempt) => attempt.StatusCode is 400 or 413 or 422;

    /// <summary>The reason of a status that is no success: <c>redirect</c> for 3xx, else <c>http_</c> and the status.</summary>
    public static string? FromStatus(int status) => status switch
    {
        >= 200 and < 300 => null,
        >= 300 and < 400 => Redirect,
        _ => string.Create(CultureInfo.InvariantCulture, $"{HttpPrefix}{status}"),
    };
}
