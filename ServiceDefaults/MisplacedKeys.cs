namespace ServiceDefaults;

/// <summary>API keys where clients should not have put them. What stands there is kept, logged, exported or passed on.</summary>
public static class MisplacedKeys
{
    // The form of the middleware's keys: a prefix, which secret scanners know too, and so many characters in all.
    private const string Prefix = "aik_";
    private const int Length = 62;

    /// <summary>True for a text with room for a key behind its beginning.</summary>
    public static bool IsIn(string? text) => text?.IndexOf(Prefix, StringComparison.Ordinal) is >= 0 and var start && text.Length - start >= Length;
}
