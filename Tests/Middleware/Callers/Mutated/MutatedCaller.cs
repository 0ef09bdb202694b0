namespace Tests.Middleware.Callers.Mutated;

/// <summary>A sender of mutated requests.</summary>
/// <param name="Name">Its name in reports: a scope, <c>all</c>, <c>none</c>, or the fault of its key.</param>
/// <param name="Key">Its API key; null for none.</param>
/// <param name="Scopes">Its permissions; empty where its key is not valid.</param>
internal sealed record MutatedCaller(string Name, string? Key, params IReadOnlyList<string> Scopes)
{
    /// <summary>True where the key is in its own header.</summary>
    public bool HasOwnHeader { get; init; }

    public bool IsKnown => Scopes.Count > 0;

    public bool MaySeePayloads => Scopes.Contains("payloads:read");

    public bool MaySeeQueries => Scopes.Contains("endpoints:write");

    /// <summary>The headers with its credential.</summary>
    public (string Name, string Value)[] Headers => Key is null ? [] : HasOwnHeader ? [("X-Api-Key", Key)] : [("Authorization", $"Bearer {Key}")];
}
