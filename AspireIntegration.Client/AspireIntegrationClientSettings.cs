using AspireIntegration.Client.Hosting;
using AspireIntegration.Client.Publishing;

namespace AspireIntegration.Client;

/// <summary>
/// The settings of a client, from the sections <c>Aspire:AspireIntegration:Client</c> and <c>Aspire:AspireIntegration:Client:{name}</c> and from
/// <c>ConnectionStrings:{name}</c>.
/// </summary>
public sealed class AspireIntegrationClientSettings
{
    /// <summary>
    /// The address of the service: an absolute URL of the scheme <c>http</c>, <c>https</c>, <c>https+http</c> or <c>http+https</c>. By default
    /// <c>https+http://{name}</c>, which service discovery resolves.
    /// </summary>
    public Uri? Endpoint { get; set; }

    /// <summary>The API key; none by default.</summary>
    public string? Key { get; set; }

    /// <summary>The path of a file with the API key, which is read again every 30 s; none by default.</summary>
    public string? KeyFile { get; set; }

    /// <summary>True for no health check; false by default.</summary>
    public bool DisableHealthChecks { get; set; }

    /// <summary>True for no spans of the source <c>AspireIntegration.Client</c>; false by default.</summary>
    public bool DisableTracing { get; set; }

    /// <summary>True for no metrics of the meter <c>AspireIntegration.Client</c>; false by default.</summary>
    public bool DisableMetrics { get; set; }

    /// <summary>The attempts of the publisher.</summary>
    public PublishRetrySettings Retry { get; } = new();

    /// <summary>The bounds of the buffer.</summary>
    public EventBufferSettings Buffer { get; } = new();

    internal IEnumerable<string> Faults(string at) =>
    [
        .. Endpoint is { } endpoint && !ConnectionText.IsAddress(endpoint) ? [$"{at}:{nameof(Endpoint)} \"{ConnectionText.Shown(endpoint)}\" is not valid; expected {ConnectionText.Address}"] : Array.Empty<string>(),
        .. Key is not null && KeyFile is not null ? [$"{at}:{nameof(Key)} and {at}:{nameof(KeyFile)} are both given; expected one of them"] : Array.Empty<string>(),
        .. Retry.Faults($"{at}:{nameof(Retry)}"),
        .. Buffer.Faults($"{at}:{nameof(Buffer)}"),
    ];
}
