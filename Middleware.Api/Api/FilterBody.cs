using System.Text.Json;
using Middleware.Domain;

namespace Middleware.Api;

/// <summary>Reads the <c>filter</c> member of a body, names all that is wrong with it, and writes one back.</summary>
internal static class FilterBody
{
    public const string Name = "filter";

    private static readonly string[] Known = ["event_types", "sources", "min_priority", "expression"];

    /// <summary>
    /// Null, with errors under <c>filter</c> or names such as <c>filter.event_types[2]</c>, when it is not valid. A member that is null is
    /// not given. The document is one that was read without duplicate members.
    /// </summary>
    public static EndpointFilter? Read(JsonElement filter, IDictionary<string, string[]> errors)
    {
        if (filter.ValueKind != JsonValueKind.Object)
        {
            errors[Name] = ["must be a JSON object; {} takes everything"];
            return null;
        }

        var before = errors.Count;
        JsonBody.RefuseUnknown(filter, Name, Known, errors);
        var created = EndpointFilter.TryCreate(
            Texts(filter, "event_types", errors),
            Texts(filter, "sources", errors),
            Text(filter, "min_priority", errors),
            Text(filter, "expression", errors),
            out var read,
            out var faults);
        foreach (var (field, fault) in faults)
        {
            errors.TryAdd(field, [fault]);
        }

        return created && errors.Count == before ? read : null;
    }

    /// <summary>The filter as it is answered.</summary>
    public static FilterContract ToContract(this EndpointFilter filter) => new()
    {
        EventTypes = [.. filter.EventTypes.Texts],
        Sources = [.. filter.Sources.Texts],
        MinPriority = filter.MinPriority?.Name(),
        Expression = filter.Expression,
    };

    private static string? Text(JsonElement filter, string member, IDictionary<string, string[]> errors) =>
        JsonBody.TryGet(filter, member, out var value) ? JsonBody.Text(value, $"{Name}.{member}", errors) : null;

    private static string?[] Texts(JsonElement filter, string member, IDictionary<string, string[]> errors)
    {
        if (!JsonBody.TryGet(filter, member, out var list))
        {
            return [];
        }

        if (list.ValueKind != JsonValueKind.Array)
        {
            errors[$"{Name}.{member}"] = ["must be an array of strings"];
            return [];
        }

        // Of a list that is too long only that is told.
        return list.GetArrayLength() > NamePatterns.MaxCount
            ? new string?[list.GetArrayLength()]
            : [.. list.EnumerateArray().Select((value, index) => JsonBody.Text(value, $"{Name}.{member}[{index}]", errors))];
    }
}
