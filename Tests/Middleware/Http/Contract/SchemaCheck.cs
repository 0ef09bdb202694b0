using Json.Schema;

namespace Tests.Middleware.Http.Contract;

/// <summary>Holds JSON against the schemas of a document.</summary>
internal sealed class SchemaCheck
{
    private const string Shared = "https://document.test/";

    // A registry of its own: what is in the one of the library stays for ever.
    private readonly BuildOptions _options = new() { SchemaRegistry = new SchemaRegistry() };
    private readonly Dictionary<string, JsonSchema> _read = [];

    public SchemaCheck(ServedDocument document) =>
        JsonSchema.FromText(Referring($$"""{"$id":"{{Shared}}","$defs":{{document.Root["components"]!["schemas"]!.ToJsonString()}}}"""), _options);

    /// <summary>The faults; empty for none.</summary>
    public List<string> Faults(JsonNode schema, JsonNode? value)
    {
        var text = schema.ToJsonString();
        if (!_read.TryGetValue(text, out var read))
        {
            _read[text] = read = JsonSchema.FromText(Referring(text), _options);
        }

        var result = read.Evaluate(JsonSerializer.SerializeToElement(value), new EvaluationOptions { OutputFormat = OutputFormat.List });
        return result.IsValid
            ? []
            : [.. (result.Details ?? []).Append(result).Where(static detail => detail.Errors is not null)
                .SelectMany(static detail => detail.Errors!.Select(error => $"{detail.InstanceLocation}: {error.Value}"))];
    }

    /// <summary>A schema whose references lead to the shared ones.</summary>
    private static string Referring(string schema) => schema.Replace("#/components/schemas/", $"{Shared}#/$defs/", StringComparison.Ordinal);
}
