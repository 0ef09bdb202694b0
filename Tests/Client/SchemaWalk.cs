using System.Reflection;
using System.Text.Json.Serialization.Metadata;
using AspireIntegration.Client.Json;
using AspireIntegration.Client.Operating;

namespace Tests.Client;

/// <summary>Compares schemas of the contract with the types that the client reads and writes, member by member.</summary>
internal sealed class SchemaWalk(JsonNode contract)
{
    private readonly HashSet<(string Schema, Type Type)> _seen = [];
    private readonly List<string> _faults = [];

    public IReadOnlyList<string> Faults => _faults;

    /// <summary>The names of the schemas that were compared.</summary>
    public IEnumerable<string> Seen => _seen.Select(static pair => pair.Schema);

    public void Compare(JsonNode schema, Type type) => Compare(schema, type, type.Name);

    private void Compare(JsonNode schema, Type type, string at)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        var alternatives = Alternatives(schema).ToList();
        if (alternatives.Count > 1)
        {
            Check(type == typeof(SecretValue), at, "a text or a reference", type);
            return;
        }

        var (name, one) = (Name(alternatives[0]), Resolve(alternatives[0]));
        if (name is not null && !_seen.Add((name, type)))
        {
            return;
        }

        switch (Kind(one))
        {
            case "string" when one["enum"] is JsonArray values:
                CompareNames([.. values.Select(static value => (string)value!)], type, at);
                break;
            case "string":
                Check(type == TextType(one), at, $"{TextType(one).Name}", type);
                break;
            case "integer":
                Check(type == ((string?)one["format"] == "int64" ? typeof(long) : typeof(int)), at, $"an integer ({one["format"]})", type);
                break;
            case "number":
                Check(type == typeof(double), at, "a number", type);
                break;
            case "boolean":
                Check(type == typeof(bool), at, "true or false", type);
                break;
            case "array":
                Compare(one["items"]!, type.IsArray ? type.GetElementType()! : type.GetGenericArguments()[0], $"{at}[]");
                break;
            case "object" when one["properties"] is JsonObject members:
                CompareMembers(one, members, type, at);
                break;
            case "object" when one["additionalProperties"] is JsonObject values:
                Compare(values, type.GetGenericArguments()[1], $"{at}{{}}");
                break;
            case "object":
                Check(type == typeof(JsonElement) || type == typeof(JsonObject), at, "an open object", type);
                break;
            default:
                _faults.Add($"{at}: this test does not know the schema {one.ToJsonString()}");
                break;
        }
    }

    private void CompareMembers(JsonObject schema, JsonObject members, Type type, string at)
    {
        if ((JsonTypeInfo?)ClientJson.Default.GetTypeInfo(type) is not { Kind: JsonTypeInfoKind.Object } info && (info = PatchJson.Default.GetTypeInfo(type)) is null)
        {
            _faults.Add($"{at}: {type.Name} is no object of the client's JSON");
            return;
        }

        var own = info!.Properties.Where(static member => member.Get is not null).ToDictionary(static member => member.Name);
        _faults.AddRange(members.Select(static member => member.Key).Except(own.Keys).Select(name => $"{at}: the client lacks {name}"));
        _faults.AddRange(own.Keys.Except(members.Select(static member => member.Key)).Select(name => $"{at}: the contract has no {name}"));
        var required = (schema["required"]?.AsArray() ?? []).Select(static name => (string)name!).ToHashSet();
        foreach (var (name, member) in members.Where(member => own.ContainsKey(member.Key)))
        {
            CompareMember(member!, own[name], required.Contains(name), $"{at}.{name}");
        }
    }

    private void CompareMember(JsonNode schema, JsonPropertyInfo member, bool isRequired, string at)
    {
        var property = (PropertyInfo)member.AttributeProvider!;
        var nullability = new NullabilityInfoContext().Create(property);
        var (type, isNull) = (property.PropertyType, IsNullable(schema));
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Change<>))
        {
            Check(isNull, at, "a member that null does not set back", type);
            Compare(schema, type.GetGenericArguments()[0], at);
            return;
        }

        var mayBeNull = isNull || !isRequired;
        Check(mayBeNull == (nullability.ReadState == NullabilityState.Nullable), at, mayBeNull ? "a member that may be null" : "a member that is never null", type);
        if (type.DeclaringType is null && member.IsRequired)
        {
            Check(isRequired, at, "a member that may be left out", type);
        }

        Compare(schema, type, at);
    }

    private void CompareNames(string[] names, Type type, string at)
    {
        if (!type.IsEnum)
        {
            Check(false, at, "one of " + string.Join(", ", names), type);
            return;
        }

        var own = (IEnumerable<string>)typeof(EnumText<>).MakeGenericType(type).GetProperty(nameof(EnumText<>.All))!.GetValue(null)!;
        Check(names.Order().SequenceEqual(own.Order()), at, "one of " + string.Join(", ", names), type);
    }

    private static Type TextType(JsonObject schema) => (string?)schema["pattern"] switch
    {
        { } pattern when pattern.Contains("(d|h|ms|m|s)", StringComparison.Ordinal) => typeof(TimeSpan),
        { } pattern when pattern.StartsWith("^[0-9]{4}-", StringComparison.Ordinal) => typeof(DateTimeOffset),
        _ => (string?)schema["format"] == "date-time" ? typeof(DateTimeOffset) : typeof(string),
    };

    private static IEnumerable<JsonNode> Alternatives(JsonNode schema) =>
        (schema["oneOf"]?.AsArray().Select(static one => one!) ?? [schema]).Where(static one => (one["type"] as JsonValue)?.ToString() != "null");

    private static bool IsNullable(JsonNode schema) =>
        (schema["type"] as JsonArray)?.Any(static type => (string)type! == "null") == true
        || (schema["oneOf"] as JsonArray)?.Any(static one => (one!["type"] as JsonValue)?.ToString() == "null") == true;

    private static string? Name(JsonNode schema) => ((string?)schema["$ref"])?.Split('/')[^1];

    private JsonObject Resolve(JsonNode schema) => Name(schema) is { } name ? contract["components"]!["schemas"]![name]!.AsObject() : schema.AsObject();

    private static string? Kind(JsonObject schema) => schema["type"] is JsonArray types
        ? (string)types.Single(static type => (string)type! != "null")!
        : (string?)schema["type"];

    private void Check(bool isSo, string at, string expected, Type type)
    {
        if (!isSo)
        {
            _faults.Add($"{at}: the contract has {expected}, the client {type}");
        }
    }
}
