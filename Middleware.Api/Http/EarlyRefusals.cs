namespace Middleware.Http;

/// <summary>Answers requests that are refused before their routes: for their host, their page or their caller.</summary>
internal sealed class EarlyRefusals
{
    /// <summary>Raised with the answer to each of them.</summary>
    public event Action<HttpContext, IResult>? Refused;

    public Task RefuseAsync(HttpContext context, IResult refusal)
    {
        Refused?.Invoke(context, refusal);
        return refusal.ExecuteAsync(context);
    }
}
