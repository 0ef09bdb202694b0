using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Middleware.Api.OpenApi;

/// <summary>What an entry of a list or a value of a dictionary may be; the framework's attributes are of the list.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class EachAttribute : Attribute
{
    /// <summary>A regular expression that each meets.</summary>
    public string? Pattern { get; init; }

    /// <summary>In characters; 0 for no limit.</summary>
    public int MaxLength { get; init; }

    /// <summary>True where null stands for none.</summary>
    public bool MayBeNull { get; init; }
}

/// <summary>Adds to the schemas of our types what is true of them and the framework does not find out.</summary>
internal sealed class TrueSchemas : IOpenApiSchemaTransformer
{
    public Task TransformAsync(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancellationToken)
    {
        foreach (var attribute in context.JsonPropertyInfo?.AttributeProvider?.GetCustomAttributes(inherit: true) ?? [])
        {
            Apply(schema, attribute);
        }

        if (context.JsonPropertyInfo is null)
        {
            RequireMembers(schema, context);
        }

        var type = context.JsonTypeInfo.Type;
        AllowAnyMembers(schema, type);
        if (type == typeof(EndpointPatch) || type == typeof(RateLimitPatch))
        {
            schema.Required = null;
            foreach (var member in schema.Properties?.Values ?? [])
            {
                // What is left out of a patch stays.
                member.Description = member.Description?.Replace("when not given", "when null", StringComparison.Ordinal);
            }
        }

        return Task.CompletedTask;
    }

    private static void Apply(OpenApiSchema schema, object attribute)
    {
        switch (attribute)
        {
            case OneOfAttribute named:
                EnumSchemas.Note(schema, named.Type);
                break;
            case EachAttribute each when (schema.Items ?? schema.AdditionalProperties) is OpenApiSchema entry:
                entry.Pattern = each.Pattern;
                entry.MaxLength = each.MaxLength > 0 ? each.MaxLength : null;
                entry.Type |= each.MayBeNull ? JsonSchemaType.Null : 0;
                break;
            case RequiredAttribute:
                schema.Type &= ~JsonSchemaType.Null;
                break;
            case UrlAttribute:
                schema.Format = "uri";
                break;
            default:
                break;
        }
    }

    /// <summary>An object that may have any members, which the framework does not say.</summary>
    private static void AllowAnyMembers(OpenApiSchema schema, Type type)
    {
        if (type == typeof(StoredJson?))
        {
            schema.Type = JsonSchemaType.Object | JsonSchemaType.Null;
        }

        if (type == typeof(StoredJson?) || type == typeof(IReadOnlyDictionary<string, JsonElement>))
        {
            schema.AdditionalProperties = null;
            (schema.Extensions ??= new Dictionary<string, IOpenApiExtension>())["additionalProperties"] = new JsonNodeExtension(true);
        }
    }

    /// <summary>An answer of ours has all its members, null or not. What requests are made of says what it does with others than it knows.</summary>
    private static void RequireMembers(OpenApiSchema schema, OpenApiSchemaTransformerContext context)
    {
        var type = context.JsonTypeInfo.Type;
        if (typeof(ProblemDetails).IsAssignableFrom(type))
        {
            DescribeProblem(schema, type);
        }
        else if (type.Namespace == typeof(TrueSchemas).Namespace || type.Namespace == typeof(ApiRegistration).Namespace)
        {
            var isAnswer = !type.IsDefined(typeof(JsonUnmappedMemberHandlingAttribute), inherit: false);
            foreach (var member in context.JsonTypeInfo.Properties.Where(_ => isAnswer).Where(static member => !MayBeLeftOut(member.AttributeProvider)))
            {
                (schema.Required ??= new HashSet<string>()).Add(member.Name);
            }
        }
    }

    private static bool MayBeLeftOut(System.Reflection.ICustomAttributeProvider? member) =>
        member?.GetCustomAttributes(typeof(JsonIgnoreAttribute), inherit: true) is [JsonIgnoreAttribute { Condition: JsonIgnoreCondition.WhenWritingNull }];

    private static void DescribeProblem(OpenApiSchema schema, Type type)
    {
        schema.Description = "RFC 9457: why a request is not met.";
        schema.Properties!["correlation_id"] = new OpenApiSchema
        {
            Type = JsonSchemaType.String,
            Pattern = Patterns.CorrelationId,
            Description = "That of the request, as in `X-Correlation-ID`.",
        };
        schema.Required = new HashSet<string> { "title", "status", "correlation_id" };
        foreach (var property in schema.Properties.Values.OfType<OpenApiSchema>())
        {
            property.Type &= ~JsonSchemaType.Null;
        }

        if (type == typeof(HttpValidationProblemDetails))
        {
            schema.Required.Add("errors");
            schema.Properties!["errors"] = new OpenApiSchema
            {
                Type = JsonSchemaType.Object,
                Description = "All that is wrong, under the name of the field, parameter or header, or under `body`.",
                MinProperties = 1,
                AdditionalProperties = new OpenApiSchema { Type = JsonSchemaType.Array, MinItems = 1, Items = new OpenApiSchema { Type = JsonSchemaType.String } },
            };
        }
    }
}
