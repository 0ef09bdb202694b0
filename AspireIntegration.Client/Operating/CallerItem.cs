namespace AspireIntegration.Client.Operating;

/// <summary>A caller and its permissions.</summary>
public sealed record CallerItem
{
    /// <summary>Its name in the audit log, such as <c>key:3kQ9xT0b</c>; <c>anonymous</c> with AUTH=off.</summary>
    public string Name { get => field ?? ""; init; }

    /// <summary>Its permissions. <c>payloads:read</c> has <c>events:read</c> in it.</summary>
    public IReadOnlyList<string> Scopes { get => field ?? []; init; }
}
