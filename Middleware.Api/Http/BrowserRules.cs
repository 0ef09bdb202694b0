namespace Middleware.Http;

/// <summary>
/// Keeps pages of other origins and hosts from driving the service. Pages of <c>CORS_ORIGINS</c> may drive it and read all answers, those to too many
/// requests among them.
/// </summary>
internal sealed class BrowserRules
{
    /// <summary>Raised with the refusal of a request.</summary>
    public event Action<HttpContext, IResult>? Refused;

    /// <summary>Adds the rules.</summary>
    /// <param name="app">The handlers.</param>
    /// <param name="exposed">The headers that scripts may read beside those of all routes.</param>
    public static void UseIn(IApplicationBuilder app, params string[] exposed)
    {
        var rules = app.ApplicationServices.GetRequiredService<BrowserRules>();
        AllowedHosts.UseIn(app, rules);
        AllowedOrigins.UseIn(app, exposed);
        CrossOrigin.UseIn(app, rules);
    }

    public Task RefuseAsync(HttpContext context, IResult refusal)
    {
        Refused?.Invoke(context, refusal);
        return refusal.ExecuteAsync(context);
    }
}
