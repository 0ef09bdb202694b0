using System.Collections.Frozen;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.OpenApi;
using Middleware.Domain;
using Middleware.UseCases;

namespace Middleware.Api.OpenApi;

/// <summary>A text that is the name of an enum's value, or the kind of something.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class OneOfAttribute<T>() : OneOfAttribute(typeof(T));

/// <inheritdoc cref="OneOfAttribute{T}"/>
internal abstract class OneOfAttribute(Type type) : Attribute
{
    public Type Type => type;
}

/// <summary>Each enum as one schema, to which all refers that is one of its values: a generator makes one type of it, and not one for each place.</summary>
internal sealed class EnumSchemas : IOpenApiDocumentTransformer
{
    private const string Mark = "enum";

    private static readonly FrozenDictionary<Type, (string Name, IReadOnlyList<string> Values)> All = new Dictionary<Type, (string, IReadOnlyList<string>)>
    {
        [typeof(AcceptStatus)] = (nameof(AcceptStatus), ["accepted", "rejected"]),
        [typeof(ExpressionFault)] = ("ExpressionFaultKind", ExpressionFault.Kinds),
        [typeof(CircuitState)] = (nameof(CircuitState), HealthNames.OfCircuits.All),
        [typeof(DeadLetterState)] = (nameof(DeadLetterState), DeadLetterStates.Names.All),
        [typeof(DeliveryFormat)] = (nameof(DeliveryFormat), DeliveryFormats.Names.All),
        [typeof(DeliveryStatus)] = (nameof(DeliveryStatus), Statuses.OfDeliveries.All),
        [typeof(DisabledReason)] = (nameof(DisabledReason), DisabledReasons.Names.All),
        [typeof(EndpointOrigin)] = (nameof(EndpointOrigin), EndpointOrigins.Names.All),
        [typeof(EventStatus)] = (nameof(EventStatus), Statuses.OfEvents.All),
        [typeof(HealthState)] = (nameof(HealthState), HealthNames.OfStates.All),
        [typeof(HealthStatus)] = (nameof(HealthStatus), ["healthy", "degraded", "unhealthy"]),
        [typeof(Priority)] = (nameof(Priority), Priorities.Names.All),
        [typeof(ReplayResult)] = (nameof(ReplayResult), ReplayResults.Names.All),
        [typeof(ReplayState)] = (nameof(ReplayState), ReplayNames.OfStates.All),
        [typeof(ReplaySubject)] = (nameof(ReplaySubject), ReplayNames.OfSubjects.All),
        [typeof(WaitingDeliveries)] = (nameof(WaitingDeliveries), WaitingNames.All.All),
        [typeof(WhenFull)] = (nameof(WhenFull), WhenFullNames.All.All),
    }.ToFrozenDictionary();

    /// <summary>Notes on the schema of a member that it is to be a reference once all schemas are there.</summary>
    public static void Note(OpenApiSchema member, Type type) => (member.Metadata ??= new Dictionary<string, object>())[Mark] = type;

    public static IOpenApiSchema Reference(Type type, OpenApiDocument document) => Reference(All[type].Name, All[type].Values, document);

    public static IOpenApiSchema Reference(string name, IEnumerable<string> values, OpenApiDocument document)
    {
        document.AddComponent<IOpenApiSchema>(name, new OpenApiSchema { Type = JsonSchemaType.String, Enum = [.. values.Select(static value => (JsonNode)value)] });
        return new OpenApiSchemaReference(name, document);
    }

    public Task TransformAsync(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellationToken)
    {
        foreach (var schema in document.Components!.Schemas!.Values.ToList())
        {
            foreach (var (name, member) in schema.Properties?.ToList() ?? [])
            {
                if (member is OpenApiSchema { Metadata: { } metadata } noted && metadata.TryGetValue(Mark, out var type))
                {
                    schema.Properties![name] = Referring(noted, Reference((Type)type, document));
                }
            }
        }

        return Task.CompletedTask;
    }

    private static IOpenApiSchema Referring(OpenApiSchema member, IOpenApiSchema reference)
    {
        if (member.Type?.HasFlag(JsonSchemaType.Null) is true)
        {
            return new OpenApiSchema { Description = member.Description, OneOf = [new OpenApiSchema { Type = JsonSchemaType.Null }, reference] };
        }

        ((OpenApiSchemaReference)reference).Description = member.Description;
        return reference;
    }
}
