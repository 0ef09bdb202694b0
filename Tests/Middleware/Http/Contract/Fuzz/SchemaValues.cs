using System.Globalization;
using Middleware.Http;

namespace Tests.Middleware.Http.Contract.Fuzz;

/// <summary>Makes values that a schema of the document takes.</summary>
internal sealed class SchemaValues(ServedDocument document, Random random)
{
    /// <summary>Begins every URL that is made.</summary>
    public const string Receiver = "https://example.com";

    private const int DeepEnough = 4;

    public JsonNode? Valid(JsonNode given, int depth = 0)
    {
        var schema = document.Resolve(given);
        if ((schema["oneOf"] ?? schema["anyOf"]) is JsonArray choices)
        {
            return Valid(choices[random.Next(choices.Count)]!, depth);
        }

        if (schema["enum"] is JsonArray allowed)
        {
            return allowed[random.Next(allowed.Count)]?.DeepClone();
        }

        return TypeOf(schema) switch
        {
            "string" => Text(schema),
            "integer" => Whole(schema),
            "number" => Math.Round(Between(schema), 2),
            "boolean" => random.Next(2) == 0,
            "array" => Array(schema, depth),
            "object" => Object(schema, depth),
            "null" => null,
            _ => Anything(depth),
        };
    }

    /// <summary>Any JSON, whatever a schema says.</summary>
    public JsonNode? Anything(int depth = 0) => random.Next(depth > DeepEnough ? 5 : 7) switch
    {
        0 => null,
        1 => random.Next(2) == 0,
        2 => random.Next(int.MinValue, int.MaxValue),
        3 => random.NextDouble() * Math.Pow(10, random.Next(-5, 20)),
        4 => AnyText(),
        5 => new JsonArray([.. Enumerable.Range(0, random.Next(3)).Select(_ => Anything(depth + 1))]),
        _ => new JsonObject(Enumerable.Range(0, random.Next(3)).Select(number => KeyValuePair.Create($"m{number}", Anything(depth + 1)))),
    };

    public string AnyText() => string.Concat(Enumerable.Range(0, random.Next(12)).Select(_ => random.Next(12) switch
    {
        0 => "é",
        1 => "\U0001F600",
        2 => "\"",
        3 => " ",
        4 => "\\",
        5 => "\0",
        _ => $"{(char)random.Next('!', '~')}",
    }));

    private string? TypeOf(JsonObject schema) => schema["type"] switch
    {
        // Null is taken more seldom than what is there.
        JsonArray types => (string?)types.OrderBy(type => (string?)type == "null" ? random.Next(4) : 3 * random.NextDouble()).Last(),
        var type => (string?)type,
    };

    private string Text(JsonObject schema)
    {
        var most = (int?)schema["maxLength"] ?? 40;
        if ((string?)schema["format"] == "uri")
        {
            return $"{Receiver}/{random.Next(1000)}";
        }

        // A proxy of a made name would be looked up by the machine's resolver.
        if ((string?)schema["pattern"] == Patterns.Proxy)
        {
            return "direct";
        }

        if ((string?)schema["pattern"] is not { } pattern)
        {
            return AnyText() is var text && text.Length < ((int?)schema["minLength"] ?? 0) ? "xx" : text[..Math.Min(text.Length, most)];
        }

        var made = PatternText.Make(pattern, random);
        return pattern.StartsWith('^') || random.Next(10) > 0 || most > 300 ? made : made.PadRight(most, 'x');
    }

    private int Whole(JsonObject schema)
    {
        var (least, most) = ((int?)schema["minimum"] ?? 0, (int?)schema["maximum"] ?? 1000);
        return random.Next(6) switch { 0 => least, 1 => most, _ => random.Next(least, Math.Min(most, least + 50)) };
    }

    private double Between(JsonObject schema)
    {
        var (least, most) = ((double?)schema["minimum"] ?? 0, (double?)schema["maximum"] ?? 1000);
        return least + ((most - least) * random.NextDouble());
    }

    private JsonArray Array(JsonObject schema, int depth)
    {
        var (least, most) = ((int?)schema["minItems"] ?? 0, (int?)schema["maxItems"] ?? 3);
        var count = random.Next(least, Math.Min(most, least + 3) + 1);
        return new JsonArray([.. Enumerable.Range(0, count).Select(_ => Valid(schema["items"] ?? new JsonObject(), depth + 1))]);
    }

    private JsonObject Object(JsonObject schema, int depth)
    {
        var required = (schema["required"]?.AsArray() ?? []).Select(static name => (string)name!).ToHashSet(StringComparer.Ordinal);
        var made = new JsonObject();

        // Of those with few members more are accepted.
        var share = random.Next(2) == 0 ? 3 : 10;
        foreach (var (name, member) in schema["properties"]?.AsObject() ?? [])
        {
            if (required.Contains(name) || (depth < DeepEnough && random.Next(share) == 0))
            {
                made[name] = Valid(member!, depth + 1);
            }
        }

        if (schema["additionalProperties"] is JsonObject others && schema["properties"] is null)
        {
            for (var number = random.Next(3); number > 0; number--)
            {
                made[string.Create(CultureInfo.InvariantCulture, $"X-Any-{number}")] = Valid(others, depth + 1);
            }
        }

        return made;
    }
}
