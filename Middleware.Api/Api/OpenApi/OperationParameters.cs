using System.Collections.Frozen;
using System.Reflection;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Middleware.Domain;

namespace Middleware.Api.OpenApi;

/// <summary>What the parts of a path and the parameters of a query may be, by their names, and which headers a route reads.</summary>
internal sealed class OperationParameters(XmlTexts texts) : IOpenApiOperationTransformer
{
    private const int MaxIdLength = 128;
    private const int MaxReasonLength = 64;

    private static readonly FrozenDictionary<string, Parameter> Known = new Dictionary<string, Parameter>
    {
        ["event_id"] = new("0198c0de000070008000000000000000") { Pattern = Patterns.IdInAnyCase, Text = "The event." },
        ["delivery_id"] = new("0198c0de000070008000000000000000.default") { Pattern = Patterns.DeliveryId, Text = "The delivery: the id of the event, a dot and that of the endpoint." },
        ["endpoint_id"] = new("default") { MaxLength = MaxIdLength, Pattern = Patterns.NotBlank, Text = "The endpoint: `default`, or `ep_` and 32 hexadecimal digits." },
        ["replay_id"] = new("0198c0de000070008000000000000001") { Pattern = Patterns.Id, Text = "The replay." },
        ["source"] = new("monitoring-system") { MaxLength = EventReader.MaxNameLength, Pattern = Patterns.NotBlank },
        ["event_type"] = new("server_down") { MaxLength = EventReader.MaxNameLength, Pattern = Patterns.NotBlank },
        ["q"] = new("not responding") { MaxLength = EventReader.MaxNameLength, Pattern = Patterns.NotBlank },
        ["priority"] = new("critical") { Enum = typeof(Priority) },
        ["status"] = new("delivered") { Enum = typeof(EventStatus) },
        ["state"] = new("resting") { Enum = typeof(DeadLetterState) },
        ["reason"] = new("http_503") { MaxLength = MaxReasonLength, Pattern = Patterns.NotBlank },
        ["correlation_id"] = new("checkout-4711") { Pattern = Patterns.CorrelationId },
        ["since"] = new("2026-01-31T12:00:00Z") { Pattern = Patterns.Time },
        ["until"] = new("2026-02-01") { Pattern = Patterns.Time },
        ["cursor"] = new("ZX__________") { Pattern = Patterns.Cursor, Text = "The `next_cursor` of the page before." },
        ["limit"] = new("50") { Most = 1_000, Text = "How many there are on a page at most." },
        ["waiting"] = new("dead-letter") { Enum = typeof(WaitingDeliveries), Text = "What becomes of the deliveries that wait for it: dead letters. Without it they keep it from being deleted." },
    }.ToFrozenDictionary();

    public Task TransformAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        operation.Parameters ??= [];
        foreach (var parameter in operation.Parameters.OfType<OpenApiParameter>())
        {
            parameter.Description = PropertyOf(parameter.Name!, context) is { } property ? texts.Of(property) : null;
            if (Known.TryGetValue(parameter.Name!, out var known))
            {
                known.Describe(parameter, context.Document!);
            }
        }

        AddHeader(operation, DescribedHeader.CorrelationId, context.Document!);
        foreach (var read in context.Description.ActionDescriptor.EndpointMetadata.OfType<ReadHeader>())
        {
            AddHeader(operation, read.Header, context.Document!);
        }

        return Task.CompletedTask;
    }

    /// <summary>The property of a handler's query that takes the parameter; null when the handler takes it itself.</summary>
    private static PropertyInfo? PropertyOf(string name, OpenApiOperationTransformerContext context) =>
        context.Description.ActionDescriptor.EndpointMetadata.OfType<MethodInfo>().SelectMany(static handler => handler.GetParameters())
            .Where(static parameter => parameter.IsDefined(typeof(AsParametersAttribute)))
            .SelectMany(static parameter => parameter.ParameterType.GetProperties())
            .FirstOrDefault(property => property.GetCustomAttribute<FromQueryAttribute>()?.Name == name);

    /// <summary>A header that many routes read is described once.</summary>
    public static void AddHeader(OpenApiOperation operation, DescribedHeader header, OpenApiDocument document)
    {
        document.AddComponent(header.Name, header.ToParameter(document));
        operation.Parameters!.Add(new OpenApiParameterReference(header.Name, document));
    }

    /// <summary>A part of a path or a query.</summary>
    private sealed record Parameter(string Example)
    {
        /// <summary>Null where the handler's own text says it.</summary>
        public string? Text { get; init; }

        public string? Pattern { get; init; }

        public int? MaxLength { get; init; }

        public Type? Enum { get; init; }

        /// <summary>Not null for a whole number from 1 up to it.</summary>
        public int? Most { get; init; }

        public void Describe(OpenApiParameter parameter, OpenApiDocument document)
        {
            parameter.Description ??= Text;
            parameter.Example = Most is null ? Example : int.Parse(Example, System.Globalization.CultureInfo.InvariantCulture);
            parameter.Schema = Enum is not null ? EnumSchemas.Reference(Enum, document)
                : Most is { } most ? new OpenApiSchema { Type = JsonSchemaType.Integer, Minimum = "1", Maximum = most.ToString(System.Globalization.CultureInfo.InvariantCulture), Default = JsonNode.Parse(Example) }
                : new OpenApiSchema { Type = JsonSchemaType.String, Pattern = Pattern, MaxLength = MaxLength };
        }
    }
}
