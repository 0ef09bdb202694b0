using System.Globalization;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using ServiceDefaults.Health;
using ServiceDefaults.Settings;

namespace ServiceDefaults.Limits;

/// <summary>The limits of requests; null for none.</summary>
/// <param name="Client"><c>RATE_LIMIT</c>, of each client.</param>
/// <param name="Global"><c>GLOBAL_RATE_LIMIT</c>, of all together.</param>
internal sealed record RateLimits(RequestRate? Client, RequestRate? Global)
{
    public const string ClientSetting = "RATE_LIMIT";
    public const string GlobalSetting = "GLOBAL_RATE_LIMIT";

    public static RateLimits Read(SettingsReader settings) => new(RequestRate.Read(settings, ClientSetting), RequestRate.Read(settings, GlobalSetting));
}

/// <summary>Refuses requests that are over a limit, before their body is read. Probes are not limited.</summary>
public sealed class RateLimiting : IDisposable
{
    /// <summary>The limits that apply (draft-ietf-httpapi-ratelimit-headers).</summary>
    public const string PolicyHeader = "RateLimit-Policy";

    /// <summary>The limit that refused, and the seconds until it gives a permit again.</summary>
    public const string Header = "RateLimit";

    private const string OfClient = "\"client\"";
    private const string OfAll = "\"global\"";

    private readonly RateLimits _limits;
    private readonly RequestLimiter? _limiter;

    internal RateLimiting(RateLimits limits, ClientOf? clientOf, TimeProvider clock)
    {
        // A client that is known may have a rate of its own.
        _limits = limits;
        _limiter = limits is { Client: null, Global: null } && clientOf is null ? null : new RequestLimiter(limits, clientOf, clock);
    }

    /// <summary>Raised for each request that is refused, with its answer.</summary>
    public event Action<HttpContext, IResult>? Refused;

    /// <inheritdoc/>
    public void Dispose() => _limiter?.Dispose();

    /// <summary>Limits requests whose callers are not known; the next part itself when there is no limit of theirs.</summary>
    public RequestDelegate Before(RequestDelegate next) => _limits is { Client: null, Global: null } ? next : context => Refuse(context) ?? next(context);

    /// <summary>The answer to a request that is over a limit; null, with a permit taken, for one that is not.</summary>
    public Task? Refuse(HttpContext context) =>
        _limiter is not null && context.GetEndpoint()?.Metadata.GetMetadata<Probe>() is null && _limiter.AttemptAcquire(context) is RequestRefusal refusal
            ? RefuseAsync(context, refusal)
            : null;

    private Task RefuseAsync(HttpContext context, RequestRefusal refusal)
    {
        refusal.TryGetMetadata(MetadataName.RetryAfter, out var wait);
        var seconds = Math.Max(1, (long)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        var headers = context.Response.Headers;
        headers.RetryAfter = seconds;
        headers[PolicyHeader] = string.Join(", ", new[] { PolicyOf(OfClient, refusal.Client), PolicyOf(OfAll, _limits.Global) }.OfType<string>());
        headers[Header] = $"{(refusal.IsGlobal ? OfAll : OfClient)};r=0;t={seconds}";
        var limit = refusal.IsGlobal ? $"{_limits.Global}, of all clients together ({RateLimits.GlobalSetting})"
            : $"{refusal.Client} of a client ({(refusal.Client == _limits.Client ? RateLimits.ClientSetting : "rate_limit of its key")})";
        var answer = TypedResults.Problem(
            $"The limit is {limit}. Nothing was done: send it again after {seconds} s.",
            statusCode: StatusCodes.Status429TooManyRequests,
            title: "Too many requests.");
        Refused?.Invoke(context, answer);
        return answer.ExecuteAsync(context);
    }

    private static string? PolicyOf(string name, RequestRate? rate) =>
        rate is null ? null : string.Create(CultureInfo.InvariantCulture, $"{name};q={rate.Permits};w={rate.Seconds}");
}

/// <summary>Adds the limits of requests to a service.</summary>
public static class RateLimitingRegistration
{
    /// <summary>Reads <c>RATE_LIMIT</c> and <c>GLOBAL_RATE_LIMIT</c>.</summary>
    public static IServiceCollection AddRateLimits(this IServiceCollection services) => services
        .AddSettings(RateLimits.Read)
        .AddSingleton(static provider => new RateLimiting(provider.GetRequiredService<RateLimits>(), provider.GetService<ClientOf>(), provider.GetRequiredService<TimeProvider>()));
}
