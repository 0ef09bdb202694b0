using AspireIntegration.Client.Operating;
using AspireIntegration.Client.Transport;

namespace AspireIntegration.Client;

/// <summary>
/// A middleware as a caller sees it. It has no state of its own: an <see cref="HttpClient"/> may serve several, each in the name of another caller.
/// </summary>
public sealed class AspireIntegrationClient
{
    private readonly HttpClient _http;

    /// <summary>Makes a client that shows an API key or a token with each request, or nothing.</summary>
    /// <param name="http">The HTTP client. Its <see cref="HttpClient.BaseAddress"/> is that of the service.</param>
    /// <param name="key">The API key or the token; null for none.</param>
    public AspireIntegrationClient(HttpClient http, string? key = null)
        : this(http, _ => ValueTask.FromResult(key))
    {
    }

    /// <summary>Makes a client that asks for the credential of its caller before each request.</summary>
    /// <param name="http">The HTTP client. Its <see cref="HttpClient.BaseAddress"/> is that of the service.</param>
    /// <param name="credential">The source of the API key or the token; it may give null for none.</param>
    /// <param name="clock">The clock by which a date in <c>Retry-After</c> is read; the system's by default.</param>
    public AspireIntegrationClient(HttpClient http, Func<CancellationToken, ValueTask<string?>> credential, TimeProvider? clock = null)
    {
        (_http, Transport) = (http, new ApiTransport(http, credential, clock ?? TimeProvider.System));
        Events = new EventOperations(Transport);
        Endpoints = new EndpointOperations(Transport);
        DeadLetters = new DeadLetterOperations(Transport);
        Replays = new ReplayOperations(Transport);
        Erasures = new ErasureOperations(Transport);
        Filters = new FilterOperations(Transport);
        Keys = new KeyOperations(Transport);
        Audit = new AuditOperations(Transport);
        Replicas = new ReplicaOperations(Transport);
        Stats = new StatsOperations(Transport);
        Settings = new SettingOperations(Transport);
        Me = new CallerOperations(Transport);
        Health = new HealthOperations(Transport);
    }

    /// <summary>Events with their deliveries and attempts.</summary>
    public EventOperations Events { get; }

    /// <summary>The registry of webhook endpoints.</summary>
    public EndpointOperations Endpoints { get; }

    /// <summary>Deliveries that were given up.</summary>
    public DeadLetterOperations DeadLetters { get; }

    /// <summary>Replays and discards in bulk.</summary>
    public ReplayOperations Replays { get; }

    /// <summary>Erasures in bulk.</summary>
    public ErasureOperations Erasures { get; }

    /// <summary>Tests of filters.</summary>
    public FilterOperations Filters { get; }

    /// <summary>API keys.</summary>
    public KeyOperations Keys { get; }

    /// <summary>The log of changes.</summary>
    public AuditOperations Audit { get; }

    /// <summary>The replicas that share the store.</summary>
    public ReplicaOperations Replicas { get; }

    /// <summary>Counts by minute.</summary>
    public StatsOperations Stats { get; }

    /// <summary>The settings in force.</summary>
    public SettingOperations Settings { get; }

    /// <summary>The caller as its credential shows it.</summary>
    public CallerOperations Me { get; }

    /// <summary>The health of the service.</summary>
    public HealthOperations Health { get; }

    internal ApiTransport Transport { get; }

    /// <summary>A client of the same service in the name of another caller, such as the user of a page.</summary>
    /// <param name="credential">The source of the API key or the token; it may give null for none.</param>
    public AspireIntegrationClient As(Func<CancellationToken, ValueTask<string?>> credential) => new(_http, credential, Transport.Clock);
}
