using System.Text;

namespace Tests.Middleware.Http.Contract.Fuzz;

/// <summary>Makes something that a schema refuses, or that is no JSON, of what it takes.</summary>
internal sealed class Spoiling(SchemaValues values, Random random)
{
    /// <summary>One part of the JSON changed; whether a schema still takes it is for the caller to see.</summary>
    public JsonNode? Spoil(JsonNode? valid)
    {
        if (valid is null || random.Next(8) == 0)
        {
            return Anything();
        }

        var root = valid.DeepClone();
        var places = Places(root).ToList();
        if (places.Count == 0)
        {
            return Anything();
        }

        var (parent, name) = places[random.Next(places.Count)];
        switch (random.Next(6))
        {
            case 0:
                parent.Remove(name);
                break;
            case 1:
                parent["not_known"] = Anything() ?? false;
                break;
            case 2:
                parent[name] = new string('x', random.Next(2) == 0 ? 300 : 5_000);
                break;
            case 3:
                parent[name] = random.Next(2) == 0 ? -1 : 2_000_000_000;
                break;
            case 4:
                parent[name] = new JsonArray([.. Enumerable.Range(0, 60).Select(static _ => JsonValue.Create("x"))]);
                break;
            default:
                parent[name] = Anything();
                break;
        }

        return root;
    }

    /// <summary>Bytes that are no JSON, or none that anybody should send.</summary>
    public byte[] Break(JsonNode? valid)
    {
        var text = valid?.ToJsonString() ?? "null";
        return random.Next(9) switch
        {
            0 => [],
            1 => Encoding.UTF8.GetBytes(text[..random.Next(text.Length)]),
            2 => Encoding.UTF8.GetBytes(text + "}"),
            3 => [.. Encoding.UTF8.GetBytes(text[..^1]), 0xC3, 0x28],
            4 => Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("[", 200))),
            5 => Encoding.UTF8.GetBytes("{\"a\\ud800\":1,\"a\\ud800\":2}"),
            6 => Encoding.UTF8.GetBytes(text.Replace("{\"", "{\"\\udc00\":1,\"", StringComparison.Ordinal)),
            7 => Encoding.UTF8.GetBytes(text.Replace(":\"", ":\"\\ud800", StringComparison.Ordinal)),
            _ => Encoding.UTF8.GetBytes(text.Replace("{", "{\"x\":1,\"x\":2,", StringComparison.Ordinal).Replace(",}", "}", StringComparison.Ordinal)),
        };
    }

    /// <summary>Any JSON without a member that is null: a merge patch may remove a member that is missing (RFC 7396).</summary>
    private JsonNode? Anything()
    {
        var made = values.Anything();
        foreach (var (parent, name) in Places(made).Where(static place => place.Parent[place.Name] is null).ToList())
        {
            parent[name] = false;
        }

        return made;
    }

    private static IEnumerable<(JsonObject Parent, string Name)> Places(JsonNode? node) => node switch
    {
        JsonObject members => members.SelectMany(member => Places(member.Value).Prepend((members, member.Key))),
        JsonArray entries => entries.SelectMany(Places),
        _ => [],
    };
}
