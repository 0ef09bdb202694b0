using System.Globalization;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.Serialization;

namespace Tests.Deployment;

/// <summary>Reads YAML as the tools of deployment do: a number without quotes is none of text, and merged maps are merged.</summary>
internal static class YamlText
{
    private const string Merge = "<<";

    /// <summary>The options by which a member that its type does not have is an error, and so is a value of another type.</summary>
    public static readonly JsonSerializerOptions Strict = new()
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectRequiredConstructorParameters = true,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
    };

    public static JsonNode Parse(string text)
    {
        var reader = new DeserializerBuilder().WithAttemptingUnquotedStringTypeDeserialization().WithDuplicateKeyChecking().Build();
        return ToNode(reader.Deserialize<object>(new Parser(new StringReader(text))))!;
    }

    /// <summary>The documents of a stream.</summary>
    public static IEnumerable<JsonNode> ParseAll(string text) =>
        Regex.Split(text, @"^---\s*$", RegexOptions.Multiline).Where(static document => !string.IsNullOrWhiteSpace(document)).Select(Parse);

    /// <summary>The texts of a list; none where there is no list.</summary>
    public static IEnumerable<string> Texts(JsonNode? list) => (list?.AsArray() ?? []).Select(static text => text!.ToString());

    private static JsonNode? ToNode(object? value) => value switch
    {
        null => null,
        IDictionary<object, object> map => ToObject(map),
        IEnumerable<object> list => new JsonArray([.. list.Select(ToNode)]),
        _ => JsonSerializer.SerializeToNode(value),
    };

    /// <summary>A map's own members go before merged ones; the parser's own merge takes both for duplicates.</summary>
    private static JsonObject ToObject(IDictionary<object, object> map)
    {
        var node = map.TryGetValue(Merge, out var merged) ? ToObject((IDictionary<object, object>)merged) : [];
        foreach (var (key, value) in map.Where(static pair => !Merge.Equals(pair.Key)))
        {
            node[Convert.ToString(key, CultureInfo.InvariantCulture)!] = ToNode(value);
        }

        return node;
    }
}
