using System.Text.Json;

namespace AspireIntegration.Client.Operating;

/// <summary>A change that the audit log keeps.</summary>
public sealed record AuditedRow
{
    /// <summary>The place in the log, from 1 without a gap.</summary>
    public long Number { get; init; }

    /// <summary>The time of the change; UTC.</summary>
    public DateTimeOffset At { get; init; }

    /// <summary>
    /// The caller that asked for it: <c>admin</c>, <c>anonymous</c>, or <c>key:</c>, <c>jwt:</c> or <c>cert:</c> with its name;
    /// <c>configuration</c>, <c>command</c> or <c>service</c> for none.
    /// </summary>
    public string Actor { get => field ?? ""; init; }

    /// <summary>The person beside the caller (<c>X-Operator</c>); null for none.</summary>
    public string? Note { get; init; }

    /// <summary>The kind of the change, such as <c>endpoint.changed</c>.</summary>
    public string Action { get => field ?? ""; init; }

    /// <summary>The id of its object.</summary>
    public string Target { get => field ?? ""; init; }

    /// <summary>The object before, without secrets; null where there is nothing to show.</summary>
    public JsonElement? Before { get; init; }

    /// <summary>The object after, without secrets; null where there is nothing to show.</summary>
    public JsonElement? After { get; init; }

    /// <summary>Hexadecimal: HMAC-SHA256 of the hash before it and of the row. Without a master key plain SHA-256.</summary>
    public string Hash { get => field ?? ""; init; }
}
