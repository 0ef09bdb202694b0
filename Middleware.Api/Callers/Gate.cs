using Middleware.Http;
using ServiceDefaults;
using ServiceDefaults.Health;
using ServiceDefaults.Limits;

namespace Middleware.Callers;

/// <summary>
/// Lets a request through when its caller has a scope of its route. Every route is closed but those that say otherwise: one that says nothing is open to
/// callers with any credential. An API key costs neither a wait nor an allocation.
/// </summary>
internal sealed class Gate(AuthSettings settings, KeyRing keys, TokenKeys tokenKeys, Certificates certificates, RateLimiting rates, EarlyRefusals refusals, TimeProvider clock)
{
    public const string KeyHeader = "X-Api-Key";

    private const string Bearer = "Bearer ";

    /// <summary>Adds the gate behind routing. With <c>AUTH=off</c> it limits rates alone.</summary>
    public static void UseIn(IApplicationBuilder app) => app.Use(next =>
    {
        var services = app.ApplicationServices;
        var metrics = services.GetRequiredService<MetricsPort>().Number;
        if (services.GetRequiredService<AuthSettings>().IsOff)
        {
            var limited = services.GetRequiredService<RateLimiting>().Before(next);
            return metrics is null ? limited : context => context.Connection.LocalPort == metrics ? OnlyMetrics(context, next) : limited(context);
        }

        var gate = services.GetRequiredService<Gate>();
        return metrics is null ? context => gate.PassAsync(context, next) : context => context.Connection.LocalPort == metrics ? OnlyMetrics(context, next) : gate.PassAsync(context, next);
    });

    /// <summary>True while the credential of a request that was let through is valid and has a scope of its route.</summary>
    public ValueTask<bool> IsStillOpenAsync(HttpContext context)
    {
        var needed = context.GetEndpoint()?.Metadata.GetMetadata<NeededScopes>()?.AnyOf ?? Scopes.All;
        return settings.IsOff ? ValueTask.FromResult(true)
            : !TryReadCredential(context.Request, out var text) ? ValueTask.FromResult(false)
            : TryFind(context, text, out var caller, out _) ? ValueTask.FromResult(caller?.HasAny(needed) == true)
            : Tokens.IsStillValidAsync(context, clock);
    }

    /// <summary>Answers the metrics to all who reach their own port, and nothing else.</summary>
    private static Task OnlyMetrics(HttpContext context, RequestDelegate next)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<NeededScopes>()?.AnyOf == Scopes.Metrics)
        {
            return next(context);
        }

        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }

    private Task PassAsync(HttpContext context, RequestDelegate next)
    {
        var metadata = context.GetEndpoint()?.Metadata;
        var needed = metadata?.GetMetadata<NeededScopes>();
        var isProbe = metadata?.GetMetadata<Probe>() is not null;
        if (needed?.AnyOf == Scopes.None)
        {
            return rates.Refuse(context) ?? next(context);
        }

        if (!TryReadCredential(context.Request, out var text))
        {
            return Judge(context, next, null, "Authorization is not one Bearer credential.", needed, isProbe);
        }

        return TryFind(context, text, out var caller, out var fault) ? Judge(context, next, caller, fault, needed, isProbe)
            : JudgeTokenAsync(context, next, settings.Tokens!, needed, isProbe);
    }

    /// <summary>Finds the caller of a credential; null, with the fault, for none. False for a token, which takes a wait.</summary>
    private bool TryFind(HttpContext context, ReadOnlySpan<char> text, out Caller? caller, out string? fault)
    {
        (caller, fault) = (null, null);
        if (text.StartsWith(KeyText.Prefix) && settings.Modes.HasFlag(AuthModes.Keys))
        {
            caller = keys.Find(text, context.Connection.RemoteIpAddress, out fault);
        }
        else if (text.Length == 0)
        {
            if (settings.Modes.HasFlag(AuthModes.Cert) && context.Connection.ClientCertificate is { } certificate)
            {
                (caller, fault) = (certificates.Find(certificate), "The client certificate is not valid any more.");
            }
        }
        else if (settings.Tokens is not null)
        {
            return false;
        }
        else
        {
            fault = "The credential is not valid.";
        }

        return true;
    }

    private async Task JudgeTokenAsync(HttpContext context, RequestDelegate next, TokenSettings tokens, NeededScopes? needed, bool isProbe)
    {
        if (!tokenKeys.AreKnown)
        {
            await refusals.RefuseAsync(context, CallerProblems.KeysMissing(context));
            return;
        }

        var caller = await Tokens.FindAsync(context, tokens);
        await Judge(context, next, caller, "The token is not valid.", needed, isProbe);
    }

    private Task Judge(HttpContext context, RequestDelegate next, Caller? caller, string? fault, NeededScopes? needed, bool isProbe)
    {
        if (isProbe)
        {
            // The names and the states of parts are for those who may look at the service.
            context.Features.Set(caller?.HasAny(Scopes.EventsRead | Scopes.Operate) == true ? null : StatusOnly.Mark);
            return next(context);
        }

        // An unknown caller has the rate of its address.
        context.Features.Set(caller);
        return rates.Refuse(context)
            ?? (caller is null ? refusals.RefuseAsync(context, CallerProblems.Unknown(context, fault))
                : needed is { AnyOf: var anyOf } && !caller.HasAny(anyOf) ? refusals.RefuseAsync(context, ApiProblems.MissingScope(context, anyOf))
                : next(context));
    }

    /// <summary>Reads the credential of a request; empty for none, false for one of another form.</summary>
    private static bool TryReadCredential(HttpRequest request, out ReadOnlySpan<char> text)
    {
        var given = request.Headers.Authorization;
        if (given.Count == 0)
        {
            var key = request.Headers[KeyHeader];
            text = key.Count == 0 ? [] : key[0].AsSpan().Trim();
            return key.Count <= 1;
        }

        text = given[0];
        if (given.Count > 1 || !text.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        text = text[Bearer.Length..].Trim();
        return text.Length > 0;
    }
}
