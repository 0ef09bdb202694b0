using System.Collections.Concurrent;
using System.Security.Claims;
using System.Security.Cryptography;

namespace AspireIntegration.Console.SigningIn;

/// <summary>
/// The sessions that were signed out: no tab of theirs and no copy of their cookie acts any more. They are forgotten when the process ends.
/// </summary>
internal sealed class EndedSessions(TimeProvider clock)
{
    private const string ClaimType = "session";

    private readonly ConcurrentDictionary<string, DateTimeOffset> _ended = new();

    /// <summary>Raised with the name of a session that has ended, on the thread that ends it.</summary>
    public event Action<string>? Ended;

    /// <summary>The name of a new session, for the identity of the person who signs in.</summary>
    public static Claim NewSession() => new(ClaimType, RandomNumberGenerator.GetHexString(32, lowercase: true));

    /// <summary>The name of a person's session; null in Development, where nobody signs in.</summary>
    public static string? SessionOf(ClaimsPrincipal person) => person.FindFirst(ClaimType)?.Value;

    /// <summary>Ends the session of a person. It is known until its cookie has ended by itself.</summary>
    public void End(ClaimsPrincipal person, DateTimeOffset cookieEnds)
    {
        if (SessionOf(person) is not { } session)
        {
            return;
        }

        var now = clock.GetUtcNow();
        foreach (var (old, ends) in _ended)
        {
            if (ends < now)
            {
                _ended.TryRemove(old, out _);
            }
        }

        _ended[session] = cookieEnds;
        Ended?.Invoke(session);
    }

    /// <summary>True when the person has signed out.</summary>
    public bool Has(ClaimsPrincipal person) => SessionOf(person) is { } session && _ended.ContainsKey(session);
}
