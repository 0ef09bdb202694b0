using Middleware.Events;

namespace Middleware.Audit;

/// <summary>Reads the log of changes. Each store writes its rows in the transaction of the change itself.</summary>
internal interface IAuditLog
{
    /// <summary>Rows before a place, newest first. May throw <see cref="StoreUnavailableException"/>.</summary>
    IReadOnlyList<AuditedRow> Read(AuditQuery query, long before, int limit);

    /// <summary>The newest row's place and hash.</summary>
    AuditHead Head { get; }

    /// <summary>Purges rows from before a time, all but the newest; the hash of the last of them stays as the anchor of the rest. True when there may be more.</summary>
    Task<bool> PurgeAsync(DateTimeOffset before);
}

/// <summary>The conditions of a search in the log; null for no condition.</summary>
internal sealed record AuditQuery
{
    public string? Actor { get; init; }

    public string? Action { get; init; }

    public string? Target { get; init; }

    /// <summary>At this time or later.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Before this time.</summary>
    public DateTimeOffset? Until { get; init; }
}
