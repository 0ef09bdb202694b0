namespace Middleware;

/// <summary>
/// A setting of the middleware by its environment variable. The AppHost compiles this file too: it passes on all settings that have a value, and
/// shows those with a description as parameters.
/// </summary>
/// <param name="Name">The environment variable.</param>
/// <param name="Default">The value as text; empty for a setting without a default, or with one of the machine.</param>
/// <param name="Description">For its editor in Aspire's dashboard; empty where it is not shown there.</param>
internal sealed record Setting(string Name, string Default = "", string Description = "")
{
    /// <summary>True for a text that nobody may see.</summary>
    public bool IsSecret { get; private init; }

    public static readonly Setting QueueSize = new("QUEUE_SIZE", "1000", "Deliveries that may wait for an endpoint. An event that finds its queues full is answered with 503.");
    public static readonly Setting WorkerCount = new("WORKER_COUNT", "10", "Deliveries to an endpoint that are under way at once.");
    public static readonly Setting MaxEndpoints = new("MAX_ENDPOINTS", "10000");
    public static readonly Setting MaxWorkers = new("MAX_WORKERS");
    public static readonly Setting HttpTimeout = new("HTTP_TIMEOUT", "3s", "The time limit of one attempt, such as 500ms, 3s or 1m30s.");
    public static readonly Setting MaxRetries = new("MAX_RETRIES", "3", "Tries that follow the first at once, 0 to 10.");
    public static readonly Setting BaseDelay = new("BASE_DELAY", "500ms", "The pause before the second attempt, which doubles with each further one.");
    public static readonly Setting RedeliverySchedule = new("REDELIVERY_SCHEDULE", "1m,5m,15m,1h,3h,6h,12h", "The times after each failure at which a dead letter is delivered again.");
    public static readonly Setting MaxAge = new("MAX_AGE");
    public static readonly Setting MaxRetryAfter = new("MAX_RETRY_AFTER", "24h");
    public static readonly Setting MaxEventBytes = new("MAX_EVENT_BYTES", "262144");
    public static readonly Setting MaxBodyBytesInFlight = new("MAX_BODY_BYTES_IN_FLIGHT"); // ServiceDefaults reads it: the receiver has it too.
    public static readonly Setting Retention = new("RETENTION", "7d");
    public static readonly Setting DeadLetterRetention = new("DEAD_LETTER_RETENTION", "30d");
    public static readonly Setting AuditRetention = new("AUDIT_RETENTION", "365d");
    public static readonly Setting AllowedNetworks = new("ALLOWED_NETWORKS");
    public static readonly Setting OutboundProxy = new("OUTBOUND_PROXY");
    public static readonly Setting SecretsDir = new("SECRETS_DIR");
    public static readonly Setting AutoDisableAfter = new("AUTO_DISABLE_AFTER", "5d");
    public static readonly Setting CorsOrigins = new("CORS_ORIGINS");
    public static readonly Setting AllowedHosts = new("ALLOWED_HOSTS");
    public static readonly Setting Auth = new("AUTH");
    public static readonly Setting AdminKey = new("ADMIN_KEY") { IsSecret = true };
    public static readonly Setting JwtAuthority = new("JWT_AUTHORITY");
    public static readonly Setting JwtJwks = new("JWT_JWKS");
    public static readonly Setting JwtAudience = new("JWT_AUDIENCE");
    public static readonly Setting JwtIssuer = new("JWT_ISSUER");
    public static readonly Setting JwtScopes = new("JWT_SCOPES");
    public static readonly Setting CertScopes = new("CERT_SCOPES");
    public static readonly Setting Docs = new("DOCS");
    public static readonly Setting RateLimit = new("RATE_LIMIT"); // ServiceDefaults reads these three.
    public static readonly Setting GlobalRateLimit = new("GLOBAL_RATE_LIMIT");
    public static readonly Setting TrustedProxies = new("TRUSTED_PROXIES");
    public static readonly Setting DataDir = new("DATA_DIR");
    public static readonly Setting MasterKey = new("MASTER_KEY") { IsSecret = true };
    public static readonly Setting EncryptPayloads = new("ENCRYPT_PAYLOADS", "false");
    public static readonly Setting AdoptAfter = new("ADOPT_AFTER", "10s");
    public static readonly Setting ReplicaName = new("REPLICA_NAME");
    public static readonly Setting ConfigGeneration = new("CONFIG_GENERATION", "0");
    public static readonly Setting ShutdownTimeout = new("SHUTDOWN_TIMEOUT", "30s");

    public static IReadOnlyList<Setting> All { get; } =
    [
        QueueSize, WorkerCount, MaxEndpoints, MaxWorkers, HttpTimeout, MaxRetries, BaseDelay, RedeliverySchedule, MaxAge, MaxRetryAfter, MaxEventBytes,
        MaxBodyBytesInFlight, Retention, DeadLetterRetention, AuditRetention, AllowedNetworks, OutboundProxy, SecretsDir, AutoDisableAfter, CorsOrigins, AllowedHosts, Auth,
        AdminKey, JwtAuthority, JwtJwks, JwtAudience, JwtIssuer, JwtScopes, CertScopes, Docs, RateLimit, GlobalRateLimit, TrustedProxies, DataDir, MasterKey, EncryptPayloads,
        AdoptAfter, ReplicaName, ConfigGeneration, ShutdownTimeout,
    ];
}
