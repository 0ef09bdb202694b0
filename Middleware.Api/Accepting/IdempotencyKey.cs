using ServiceDefaults;

namespace Middleware.Accepting;

/// <summary>The <c>Idempotency-Key</c> header: 1-255 visible ASCII characters.</summary>
internal static class IdempotencyKey
{
    public const string Header = "Idempotency-Key";
    public const string ReplayedHeader = "Idempotency-Replayed";

    private const int MaxLength = 255;

    /// <summary>False for an invalid key; a null key for a request without the header.</summary>
    public static bool TryRead(HttpRequest request, out string? key)
    {
        key = null;
        var values = request.Headers[Header];
        if (values.Count == 0)
        {
            return true;
        }

        key = values[0];
        return values.Count == 1 && key is { Length: >= 1 and <= MaxLength } && !key.AsSpan().ContainsAnyExceptInRange('!', '~') && !MisplacedKeys.IsIn(key);
    }

    /// <summary>Refuses a request whose events were not judged; null when they were. Marks a repeated answer.</summary>
    public static IResult? Refuse(HttpContext context, AcceptResult result)
    {
        switch (result.Kind)
        {
            case AcceptKind.KeyReused:
                return AcceptProblems.KeyReused();
            case AcceptKind.Busy:
                return AcceptProblems.StoreBusy(context);
            case AcceptKind.Replayed:
                context.Response.Headers[ReplayedHeader] = "true";
                return null;
            default:
                return null;
        }
    }
}
