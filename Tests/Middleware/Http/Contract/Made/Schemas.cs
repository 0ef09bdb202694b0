using System.Collections.Frozen;
using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Middleware.Endpoints;
using Middleware.Events;
using Middleware.Filtering;
using Middleware.Http;

namespace Tests.Middleware.Http.Contract.Made;

/// <summary>The schemas of types, as they are written. Each enum is one, to which all refers: a generator makes one type of it, and not one for each place.</summary>
internal sealed class Schemas(IServiceProvider services)
{
    private static readonly string[] Order =
    [
        "required", "enum", "maximum", "minimum", "maxLength", "pattern", "maxItems", "minItems", "minProperties", "type", "oneOf", "items", "properties",
        "additionalProperties", "description", "format", "default", "$ref",
    ];

    /// <summary>The limits of members that their types do not have.</summary>
    private static readonly FrozenDictionary<string, JsonObject> Limits = new Dictionary<string, JsonObject>
    {
        ["AttemptItem.number"] = new() { ["minimum"] = 1, ["maximum"] = int.MaxValue },
        ["BulkReplayItem.id"] = new() { ["pattern"] = Patterns.Id },
        ["BulkErasureItem.id"] = new() { ["pattern"] = Patterns.Id },
        ["AcceptedEventItem.correlation_id"] = new() { ["pattern"] = Patterns.CorrelationId },
        ["DeadLetterDetail.correlation_id"] = new() { ["pattern"] = Patterns.CorrelationId },
        ["DeadLetterItem.correlation_id"] = new() { ["pattern"] = Patterns.CorrelationId },
        ["EventDetail.correlation_id"] = new() { ["pattern"] = Patterns.CorrelationId },
        ["EventItem.correlation_id"] = new() { ["pattern"] = Patterns.CorrelationId },
    }.ToFrozenDictionary();

    private readonly SortedDictionary<string, JsonObject> _all = new(StringComparer.Ordinal);
    private readonly JsonSerializerOptions _options = services.GetRequiredService<IOptions<Microsoft.AspNetCore.Http.Json.JsonOptions>>().Value.SerializerOptions;
    private readonly XmlTexts _texts = new();
    private readonly NullabilityInfoContext _nullability = new();

    public JsonObject ToJson() => new(_all.Select(static schema => KeyValuePair.Create(schema.Key, (JsonNode?)schema.Value)));

    /// <summary>That of values that are no enum's.</summary>
    public JsonObject EnumOf(string name, IEnumerable<string> values)
    {
        _all.TryAdd(name, new JsonObject { ["enum"] = new JsonArray([.. values.Select(static value => JsonValue.Create(value))]), ["type"] = "string" });
        return Reference(name);
    }

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
            return Of(named);
        }

        if (member.Shape is { } shape)
        {
            return Of(shape);
        }

        if (member.Or is { } other)
        {
            return new JsonObject { ["oneOf"] = new JsonArray([.. member.MayBeNull ? [Nothing] : (JsonNode[])[], Of(member with { Or = null, MayBeNull = false }), Of(other)]) };
        }

        var entry = member.Entry is null ? null : Of(member.Entry);
        return char.IsUpper(member.Type[0]) ? Of(SchemaNames.TypeOf(member.Type)) : Ordered(new JsonObject
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
            return Named(type.Name, () => ProblemSchema.Of(isValidation: type == typeof(HttpValidationProblemDetails)));
        }

        var plain = Nullable.GetUnderlyingType(type) ?? type;
        return plain.IsEnum ? EnumOf(SchemaNames.Of(plain), SchemaNames.OfValues(plain))
            : plain == typeof(string) || plain == typeof(Uri) || plain == typeof(EndpointId) ? Text()
            : plain == typeof(Guid) ? Text(pattern: Patterns.Id)
            : plain == typeof(DeliveryId) ? Text(pattern: Patterns.DeliveryId)
            : plain == typeof(TimeSpan) ? Text(pattern: Patterns.Duration)
            : plain == typeof(DateTimeOffset) ? Text("date-time")
            : plain == typeof(bool) ? new JsonObject { ["type"] = "boolean" }
            : plain == typeof(int) ? Number("integer", "int32")
            : plain == typeof(long) ? Number("integer", "int64")
            : plain == typeof(double) ? Number("number", "double")
            : plain == typeof(StoredJson) || plain == typeof(IReadOnlyDictionary<string, JsonElement>) ? Any()
            : plain == typeof(NamePatterns) ? Many(typeof(string), isDictionary: false)
            : EntryOf(plain) is var (entry, isDictionary) ? Many(entry, isDictionary)
            : plain == typeof(SecretValue) ? Of(SecretBody.Reference)
            : Named(SchemaNames.Of(plain), () => Members(plain));

        static JsonObject Text(string? format = null, string? pattern = null) => new() { ["type"] = "string", ["format"] = format, ["pattern"] = pattern };

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

    private static JsonObject Nothing => new() { ["type"] = "null" };

    private static JsonObject Reference(string name) => new() { ["$ref"] = $"#/components/schemas/{name}" };

    private static (Type Entry, bool IsDictionary)? EntryOf(Type type) => type.IsArray ? (type.GetElementType()!, false)
        : type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyDictionary<,>) ? (type.GetGenericArguments()[1], true)
        : type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>) ? (type.GetGenericArguments()[0], false)
        : null;

    private JsonObject Named(string name, Func<JsonObject> make)
    {
        // Before its members, which may refer to it.
        if (_all.TryAdd(name, []))
        {
            _all[name] = Ordered(make());
        }

        return Reference(name);
    }

    private JsonObject Members(Type type)
    {
        var mayHaveOthers = type.GetCustomAttribute<JsonUnmappedMemberHandlingAttribute>(inherit: false)?.UnmappedMemberHandling;

        // What is never written has no reader.
        var members = _options.GetTypeInfo(type).Properties.Where(static member => member.Get is not null).ToList();
        var required = members.Where(member => mayHaveOthers is null ? !IsLeftOut(member) : member.IsRequired)
            .OrderByDescending(static member => member.IsRequired).Select(static member => JsonValue.Create(member.Name)).ToArray();
        return new JsonObject
        {
            ["required"] = required is [] ? null : new JsonArray([.. required]),
            ["type"] = "object",
            ["properties"] = new JsonObject(members.Select(member => KeyValuePair.Create<string, JsonNode?>(member.Name, Member($"{SchemaNames.Of(type)}.{member.Name}", member)))),
            ["additionalProperties"] = mayHaveOthers == JsonUnmappedMemberHandling.Disallow ? false : null,
            ["description"] = _texts.Of(type),
        };
    }

    private static bool IsLeftOut(JsonPropertyInfo member) =>
        member.AttributeProvider!.GetCustomAttributes(typeof(JsonIgnoreAttribute), inherit: true) is [JsonIgnoreAttribute { Condition: JsonIgnoreCondition.WhenWritingNull }];

    private JsonObject Member(string name, JsonPropertyInfo member)
    {
        var property = (PropertyInfo)member.AttributeProvider!;
        var isNull = Nullable.GetUnderlyingType(property.PropertyType) is not null || _nullability.Create(property).ReadState == NullabilityState.Nullable;
        var schema = Of(property.PropertyType);
        foreach (var attribute in property.GetCustomAttributes())
        {
            Apply(schema, attribute);
        }

        foreach (var (keyword, limit) in Limits.GetValueOrDefault(name, []))
        {
            schema[keyword] = limit!.DeepClone();
        }

        return Described(schema, _texts.Of(property), isNull);
    }

    private JsonObject Described(JsonObject schema, string? text, bool isNull)
    {
        if (schema["oneOf"] is JsonArray choices)
        {
            schema["description"] = text;
            if (isNull)
            {
                choices.Insert(0, Nothing);
            }

            return Ordered(schema);
        }

        var nothing = Nothing;
        if ((string?)schema["$ref"] is not { } reference)
        {
            schema["description"] = text;
            schema["type"] = isNull ? new JsonArray("null", (string)schema["type"]!) : schema["type"]!.DeepClone();
            return Ordered(schema);
        }

        return !isNull ? Ordered(new JsonObject { ["description"] = text, ["$ref"] = reference })
            : _all[reference.Split('/')[^1]].ContainsKey("enum") ? Ordered(new JsonObject { ["oneOf"] = new JsonArray(nothing, schema), ["description"] = text })
            : new JsonObject { ["oneOf"] = new JsonArray(nothing, Ordered(new JsonObject { ["description"] = text, ["$ref"] = reference })) };
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
            default:
                break;
        }
    }
}
