using System.Text.Json;
using System.Text.Json.Nodes;
using Json.Schema;

namespace Tests.Middleware.Http.Contract;

/// <summary>Holds JSON against the schemas of a document.</summary>
internal sealed class SchemaCheck(ServedDocument document)
{
    private readonly Dictionary<string, JsonSchema> _read = [];

    /// <summary>The faults; empty for none.</summary>
    public List<string> Faults(JsonNode schema, JsonNode? value)
    {
        var text = schema.ToJsonString();
        if (!_read.TryGetValue(text, out var read))
        {
            _read[text] = read = JsonSchema.FromText(Alone(text));
        }

        var result = read.Evaluate(JsonSerializer.SerializeToElement(value), new EvaluationOptions { OutputFormat = OutputFormat.List });
        return result.IsValid
            ? []
            : [.. (result.Details ?? []).Append(result).Where(static detail => detail.Errors is not null)
                .SelectMany(static detail => detail.Errors!.Select(error => $"{detail.InstanceLocation}: {error.Value}"))];
    }

    /// <summary>A schema with all it refers to within itself.</summary>
    private string Alone(string schema) => $$"""
        {"$defs":{{document.Root["components"]!["schemas"]!.ToJsonString()}},"allOf":[{{schema}}]}
        """.Replace("#/components/schemas/", "#/$defs/", StringComparison.Ordinal);
}
