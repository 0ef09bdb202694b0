using ServiceDefaults.Settings;

namespace Middleware.Sending;

/// <summary>Reads <c>Retry-After</c> (RFC 9110, 10.2.3), up to the longest time that a receiver may ask for (<c>MAX_RETRY_AFTER</c>).</summary>
internal sealed record RetryAfterLimit(TimeSpan Longest)
{
    public static RetryAfterLimit Read(SettingsReader settings) => new(settings.Duration(Setting.MaxRetryAfter.Name, Setting.MaxRetryAfter.Default, "1s", "30d"));

    /// <summary>The time that an answer names, counted from its arrival; null for none, for a past one and for an invalid one.</summary>
    public DateTimeOffset? Of(HttpResponseMessage response, DateTimeOffset answeredAt)
    {
        var wait = response.Headers.RetryAfter switch
        {
            { Delta: { } delta } => delta,
            { Date: { } date } => date - answeredAt,
            _ => IsLongNumber(response) ? Longest : TimeSpan.Zero,
        };
        return wait <= TimeSpan.Zero ? null : answeredAt + (wait < Longest ? wait : Longest);
    }

    /// <summary>True for more seconds than fit into 31 bits, which the header's own reader does not know.</summary>
    private static bool IsLongNumber(HttpResponseMessage response) =>
        response.Headers.NonValidated.TryGetValues("Retry-After", out var values)
        && values.Count == 1
        && values.ToString().Trim() is { Length: > 0 } text
        && !text.AsSpan().ContainsAnyExceptInRange('0', '9')
        && text.AsSpan().ContainsAnyInRange('1', '9');
}
