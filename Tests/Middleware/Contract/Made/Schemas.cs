using System.Collections.Frozen;
using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Middleware.Api;
using Middleware.Domain;

namespace Tests.Middleware.Contract.Made;

/// <summary>The schemas of types, as they are written. Each enum is one, to which all refers: a generator makes one type of it, and not one for each place.</summary>
internal sealed class Schemas(JsonSerializerOptions options, XmlTexts texts)
{
    private static readonly string[] Order =
    [
        "required", "enum", "maximum", "minimum", "maxLength", "pattern", "maxItems", "minItems", "minProperties", "type", "oneOf", "items", "properties",
        "additionalProperties", "description", "format", "$ref",
    ];

    private static readonly FrozenDictionary<Type, (string Name, IReadOnlyList<string> Values)> Enums = new Dictionary<Type, (string, IReadOnlyList<string>)>
    {
        [typeof(AcceptStatus)] = (nameof(AcceptStatus), ["accepted", "rejected"]),
        [typeof(ExpressionFault)] = ("ExpressionFaultKind", ExpressionFault.Kinds),
        [typeof(CircuitState)] = Named<CircuitState>(),
        [typeof(DeadLetterState)] = Named<DeadLetterState>(),
        [typeof(DeliveryFormat)] = Named<DeliveryFormat>(),
        [typeof(DeliveryStatus)] = Named<DeliveryStatus>(),
        [typeof(DisabledReason)] = Named<DisabledReason>(),
        [typeof(EndpointOrigin)] = Named<EndpointOrigin>(),
        [typeof(EventStatus)] = Named<EventStatus>(),
        [typeof(HealthState)] = Named<HealthState>(),
        [typeof(HealthStatus)] = (nameof(HealthStatus), ["healthy", "degraded", "unhealthy"]),
        [typeof(Priority)] = (nameof(Priority), [.. Priorities.Names.Texts]),
        [typeof(ReplayResult)] = Named<ReplayResult>(),
        [typeof(ReplayState)] = Named<ReplayState>(),
        [typeof(ReplaySubject)] = Named<ReplaySubject>(),
        [typeof(WaitingDeliveries)] = Named<WaitingDeliveries>(),
        [typeof(WhenFull)] = Named<WhenFull>(),
    }.ToFrozenDictionary();

    private readonly SortedDictionary<string, JsonObject> _all = new(StringComparer.Ordinal);
    private readonly NullabilityInfoContext _nullability = new();

    public JsonObject ToJson() => new(_all.Select(static schema => KeyValuePair.Create(schema.Key, (JsonNode?)schema.Value)));

    /// <summary>That of an enum by its name, or by its values where it is none of ours.</summary>
    public JsonObject EnumOf(string name, IReadOnlyList<string> values)
    {
        _all.TryAdd(name, new JsonObject
        {
            ["enum"] = new JsonArray([.. (values is [] ? Enums.Values.Single(known => known.Name == name).Values : values).Select(static value => JsonValue.Create(value))]),
            ["type"] = "string",
        });
        return Reference(name);
    }

    public JsonObject Of(Type type)
    {
        if (typeof(ProblemDetails).IsAssignableFrom(type))
        {
            return Named(type.Name, () => Problem(type == typeof(HttpValidationProblemDetails)));
        }

        var plain = Nullable.GetUnderlyingType(type) ?? type;
        return plain == typeof(string) ? Text()
            : plain == typeof(DateTime) ? Text("date-time")
            : plain == typeof(bool) ? new JsonObject { ["type"] = "boolean" }
            : plain == typeof(int) ? Number("integer", "int32")
            : plain == typeof(long) ? Number("integer", "int64")
            : plain == typeof(double) ? Number("number", "double")
            : plain == typeof(StoredJson) || plain == typeof(IReadOnlyDictionary<string, JsonElement>) ? Any()
            : EntryOf(plain) is var (entry, isDictionary) ? Many(entry, isDictionary)
            : Named(NameOf(plain), () => Members(plain));

        static JsonObject Text(string? format = null) => new() { ["type"] = "string", ["format"] = format };

        static JsonObject Number(string type, string format) => new() { ["type"] = type, ["format"] = format };

        static JsonObject Any() => new() { ["type"] = "object", ["additionalProperties"] = true };

        JsonObject Many(Type entry, bool isDictionary) => new()
        {
            ["type"] = isDictionary ? "object" : "array",
            [isDictionary ? "additionalProperties" : "items"] = Ordered(Of(entry)),
        };
    }

    /// <summary>Its keywords in one order, without those that are null.</summary>
    public static JsonObject Ordered(JsonObject schema)
    {
        // An object that may have any members says so last.
        var isAny = schema["additionalProperties"]?.GetValueKind() == JsonValueKind.True;
        return new JsonObject(schema.Where(static keyword => keyword.Value is not null)
            .OrderBy(keyword => keyword.Key == "additionalProperties" && isAny ? int.MaxValue : Array.IndexOf(Order, keyword.Key))
            .Select(static keyword => KeyValuePair.Create(keyword.Key, keyword.Value!.DeepClone()))!);
    }

    private static JsonObject Reference(string name) => new() { ["$ref"] = $"#/components/schemas/{name}" };

    private static string NameOf(Type type) => type.IsGenericType ? $"{type.Name.Split('`')[0]}Of{type.GetGenericArguments()[0].Name}" : type.Name;

    private static (Type Entry, bool IsDictionary)? EntryOf(Type type) => type.IsArray ? (type.GetElementType()!, false)
        : type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyDictionary<,>) ? (type.GetGenericArguments()[1], true)
        : type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>) ? (type.GetGenericArguments()[0], false)
        : null;

    private static (string Name, IReadOnlyList<string> Values) Named<T>()
        where T : struct, Enum => (typeof(T).Name, [.. EnumNames<T>.All.Texts]);

    private JsonObject Named(string name, Func<JsonObject> make)
    {
        if (_all.TryAdd(name, []))
        {
            _all[name] = Ordered(make());
        }

        return Reference(name);
    }

    private JsonObject Members(Type type)
    {
        var mayHaveOthers = type.GetCustomAttribute<JsonUnmappedMemberHandlingAttribute>(inherit: false)?.UnmappedMemberHandling;
        var members = options.GetTypeInfo(type).Properties;
        var required = members.Where(member => type.Name.EndsWith("Patch", StringComparison.Ordinal) ? false
            : mayHaveOthers is null ? !IsLeftOut(member)
            : member.IsRequired || type.GetConstructors()[0].GetParameters().Any(parameter => parameter.Name == ((PropertyInfo)member.AttributeProvider!).Name && !parameter.HasDefaultValue))
            .OrderByDescending(static member => member.IsRequired).Select(static member => JsonValue.Create(member.Name)).ToArray();
        return new JsonObject
        {
            ["required"] = required is [] ? null : new JsonArray([.. required]),
            ["type"] = "object",
            ["properties"] = new JsonObject(members.Select(member => KeyValuePair.Create<string, JsonNode?>(member.Name, Member(type, member)))),
            ["additionalProperties"] = mayHaveOthers == JsonUnmappedMemberHandling.Disallow ? false : null,
            ["description"] = texts.Of(type),
        };
    }

    private static bool IsLeftOut(JsonPropertyInfo member) =>
        member.AttributeProvider!.GetCustomAttributes(typeof(JsonIgnoreAttribute), inherit: true) is [JsonIgnoreAttribute { Condition: JsonIgnoreCondition.WhenWritingNull }];

    private JsonObject Member(Type type, JsonPropertyInfo member)
    {
        var property = (PropertyInfo)member.AttributeProvider!;
        var isNull = Nullable.GetUnderlyingType(property.PropertyType) is not null || _nullability.Create(property).ReadState == NullabilityState.Nullable;
        var text = texts.Of(property);
        if (type.Name.EndsWith("Patch", StringComparison.Ordinal))
        {
            text = text?.Replace("when not given", "when null", StringComparison.Ordinal);
        }

        if (property.GetCustomAttributes().OfType<OneOfAttribute>().SingleOrDefault() is { } named)
        {
            var one = EnumOf(Enums[named.Type].Name, []);
            return isNull ? Ordered(new JsonObject { ["oneOf"] = new JsonArray(Null(), one), ["description"] = text }) : Described(one, text);
        }

        var schema = Of(property.PropertyType);
        if (schema.ContainsKey("$ref"))
        {
            return isNull ? new JsonObject { ["oneOf"] = new JsonArray(Null(), Described(schema, text)) } : Described(schema, text);
        }

        foreach (var attribute in property.GetCustomAttributes())
        {
            Apply(schema, attribute);
        }

        schema["description"] = text;
        schema["type"] = isNull ? new JsonArray("null", (string)schema["type"]!) : schema["type"]!.DeepClone();
        return Ordered(schema);

        static JsonObject Null() => new() { ["type"] = "null" };

        static JsonObject Described(JsonObject reference, string? text) => Ordered(new JsonObject { ["description"] = text, ["$ref"] = reference["$ref"]!.DeepClone() });
    }

    private static void Apply(JsonObject schema, Attribute attribute)
    {
        switch (attribute)
        {
            case RegularExpressionAttribute pattern:
                schema["pattern"] = pattern.Pattern;
                break;
            case MaxLengthAttribute most:
                schema[(string)schema["type"]! == "array" ? "maxItems" : "maxLength"] = most.Length;
                break;
            case MinLengthAttribute least:
                schema["minItems"] = least.Length;
                break;
            case RangeAttribute range:
                (schema["minimum"], schema["maximum"]) = (JsonSerializer.SerializeToNode(range.Minimum), JsonSerializer.SerializeToNode(range.Maximum));
                break;
            case UrlAttribute:
                schema["format"] = "uri";
                break;
            case EachAttribute each:
                var entry = (schema["items"] ?? schema["additionalProperties"])!;
                (entry["pattern"], entry["maxLength"]) = (each.Pattern, each.MaxLength > 0 ? each.MaxLength : null);
                entry["type"] = each.MayBeNull ? new JsonArray("null", "string") : "string";
                schema[schema.ContainsKey("items") ? "items" : "additionalProperties"] = Ordered(entry.AsObject());
                break;
            default:
                break;
        }
    }

    private static JsonObject Problem(bool isValidation)
    {
        var members = new JsonObject
        {
            ["type"] = Text(),
            ["title"] = Text(),
            ["status"] = new JsonObject { ["type"] = "integer", ["format"] = "int32" },
            ["detail"] = Text(),
            ["instance"] = Text(),
        };
        if (isValidation)
        {
            members["errors"] = new JsonObject
            {
                ["minProperties"] = 1,
                ["type"] = "object",
                ["additionalProperties"] = new JsonObject { ["minItems"] = 1, ["type"] = "array", ["items"] = Text() },
                ["description"] = "All that is wrong, under the name of the field, parameter or header, or under `body`.",
            };
        }

        members["correlation_id"] = new JsonObject { ["pattern"] = Patterns.CorrelationId, ["type"] = "string", ["description"] = "That of the request, as in `X-Correlation-ID`." };
        return new JsonObject
        {
            ["required"] = isValidation ? new JsonArray("title", "status", "correlation_id", "errors") : new JsonArray("title", "status", "correlation_id"),
            ["type"] = "object",
            ["properties"] = members,
            ["description"] = "RFC 9457: why a request is not met.",
        };

        static JsonObject Text() => new() { ["type"] = "string" };
    }
}
