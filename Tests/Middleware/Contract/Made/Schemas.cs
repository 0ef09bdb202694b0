using System.Collections.Frozen;
using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using Middleware.Api;
using Middleware.Domain;

namespace Tests.Middleware.Contract.Made;

/// <summary>The schemas of types, as they are written. Each enum is one, to which all refers: a generator makes one type of it, and not one for each place.</summary>
internal sealed class Schemas(IServiceProvider services)
{
    private static readonly string[] Order =
    [
        "required", "enum", "maximum", "minimum", "maxLength", "pattern", "maxItems", "minItems", "minProperties", "type", "oneOf", "items", "properties",
        "additionalProperties", "description", "format", "default", "$ref",
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
    private readonly JsonSerializerOptions _options = services.GetRequiredService<IOptions<Microsoft.AspNetCore.Http.Json.JsonOptions>>().Value.SerializerOptions;
    private readonly XmlTexts _texts = new();
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

    /// <summary>That of a type of the service, or of this folder, by its name.</summary>
    public JsonObject Of(string name) => name.StartsWith("HttpValidation", StringComparison.Ordinal) ? Of(typeof(HttpValidationProblemDetails))
        : name == nameof(ProblemDetails) ? Of(typeof(ProblemDetails))
        : name.StartsWith("ListPageOf", StringComparison.Ordinal) ? Of(typeof(ListPage<>).MakeGenericType(TypeOf(name["ListPageOf".Length..])))
        : Of(TypeOf(name));

    /// <summary>That of a request, by what it is read for.</summary>
    public JsonObject Of(RequestShape shape) => Named(shape.Name, () =>
    {
        var reader = new RequestReader(JsonElement.Parse("{}"), new Dictionary<string, string[]>()) { IsPatch = shape.IsPatch };
        shape.Read(services, reader);
        var required = reader.Members.Where(member => IsRequired(member) && !shape.IsPatch).Select(static member => JsonValue.Create(member.Name)).ToArray();
        return new JsonObject
        {
            ["required"] = required is [] ? null : new JsonArray([.. required]),
            ["type"] = "object",
            ["properties"] = new JsonObject(reader.Members.Select(member => KeyValuePair.Create<string, JsonNode?>(member.Name, Described(Of(member), member.Text, isNull: !IsRequired(member))))),
            ["additionalProperties"] = false,
            ["description"] = shape.Text,
        };

        static bool IsRequired(RequestMember member) => member.WhenMissing is not null;
    });

    /// <summary>That of a member of a request.</summary>
    public JsonObject Of(RequestMember member)
    {
        if (member.Enum is { } named)
        {
            return EnumOf(Enums[named].Name, []);
        }

        if (member.Shape is { } shape)
        {
            return Of(shape);
        }

        var entry = member.Entry is null ? null : Of(member.Entry);
        return char.IsUpper(member.Type[0]) ? Of(member.Type) : Ordered(new JsonObject
        {
            ["type"] = member.MayBeNull ? new JsonArray("null", member.Type) : member.Type,
            ["format"] = member.Format,
            ["pattern"] = member.Pattern,
            ["maxLength"] = member.MaxLength,
            ["minimum"] = member.Min,
            ["maximum"] = member.Max,
            ["default"] = member.Default,
            ["maxItems"] = member.MaxItems,
            [member.Type == "array" ? "items" : "additionalProperties"] = entry,
        });
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

    private static Type TypeOf(string name) => new[] { typeof(Schemas).Assembly, typeof(ApiRegistration).Assembly }
        .SelectMany(static assembly => assembly.GetTypes()).Single(type => type.Name == name && type.Namespace is "Tests.Middleware.Contract.Made" or "Middleware.Api");

    /// <summary>Empty for no body.</summary>
    public static string NameOf(Type? type) => type is null || type == typeof(void) ? "" : type.IsGenericType ? $"{type.Name.Split('`')[0]}Of{type.GetGenericArguments()[0].Name}" : type.Name;

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
        var members = _options.GetTypeInfo(type).Properties;
        var required = members.Where(member => mayHaveOthers is null ? !IsLeftOut(member) : member.IsRequired)
            .OrderByDescending(static member => member.IsRequired).Select(static member => JsonValue.Create(member.Name)).ToArray();
        return new JsonObject
        {
            ["required"] = required is [] ? null : new JsonArray([.. required]),
            ["type"] = "object",
            ["properties"] = new JsonObject(members.Select(member => KeyValuePair.Create<string, JsonNode?>(member.Name, Member(member)))),
            ["additionalProperties"] = mayHaveOthers == JsonUnmappedMemberHandling.Disallow ? false : null,
            ["description"] = _texts.Of(type),
        };
    }

    private static bool IsLeftOut(JsonPropertyInfo member) =>
        member.AttributeProvider!.GetCustomAttributes(typeof(JsonIgnoreAttribute), inherit: true) is [JsonIgnoreAttribute { Condition: JsonIgnoreCondition.WhenWritingNull }];

    private JsonObject Member(JsonPropertyInfo member)
    {
        var property = (PropertyInfo)member.AttributeProvider!;
        var isNull = Nullable.GetUnderlyingType(property.PropertyType) is not null || _nullability.Create(property).ReadState == NullabilityState.Nullable;
        var schema = property.GetCustomAttributes().OfType<OneOfAttribute>().SingleOrDefault() is { } named ? EnumOf(Enums[named.Type].Name, []) : Of(property.PropertyType);
        foreach (var attribute in property.GetCustomAttributes())
        {
            Apply(schema, attribute);
        }

        return Described(schema, _texts.Of(property), isNull);
    }

    private static JsonObject Described(JsonObject schema, string? text, bool isNull)
    {
        var nothing = new JsonObject { ["type"] = "null" };
        if ((string?)schema["$ref"] is not { } reference)
        {
            schema["description"] = text;
            schema["type"] = isNull ? new JsonArray("null", (string)schema["type"]!) : schema["type"]!.DeepClone();
            return Ordered(schema);
        }

        return !isNull ? Ordered(new JsonObject { ["description"] = text, ["$ref"] = reference })
            : Enums.Values.Any(known => reference.EndsWith($"/{known.Name}", StringComparison.Ordinal)) ? Ordered(new JsonObject { ["oneOf"] = new JsonArray(nothing, schema), ["description"] = text })
            : new JsonObject { ["oneOf"] = new JsonArray(nothing, Ordered(new JsonObject { ["description"] = text, ["$ref"] = reference })) };
    }

    private static void Apply(JsonObject schema, Attribute attribute)
    {
        switch (attribute)
        {
            case RegularExpressionAttribute pattern when schema["items"] is JsonObject entry:
                entry["pattern"] = pattern.Pattern;
                schema["items"] = Ordered(entry);
                break;
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
