using System.Text.RegularExpressions;

namespace Tests.Middleware.Http.Contract.Fuzz;

/// <summary>The ids in answers, by the name of the parameter that takes them: requests for things that exist find more.</summary>
internal sealed partial class KnownIds(Random random)
{
    private const int Newest = 5;
    private const int Most = 1_000;

    private readonly Dictionary<string, List<string>> _known = [];

    /// <summary>The ids that no request may name, such as those of the keys by which it is sent.</summary>
    public IReadOnlySet<string> Spared { get; init; } = new HashSet<string>();

    /// <summary>Half of the time one of the newest, which other requests have not ended yet.</summary>
    public string? Any(string parameter) => !_known.TryGetValue(parameter, out var known) ? null
        : random.Next(2) == 0 ? known[random.Next(known.Count)]
        : known[^(1 + random.Next(Math.Min(Newest, known.Count)))];

    public void Learn(Operation operation, JsonNode? answer)
    {
        switch (answer)
        {
            case JsonObject members:
                foreach (var (name, value) in members)
                {
                    Note(name, value, operation);
                    Learn(operation, value);
                }

                break;
            case JsonArray entries:
                foreach (var entry in entries)
                {
                    Learn(operation, entry);
                }

                break;
            default:
                break;
        }
    }

    private void Note(string name, JsonNode? value, Operation operation)
    {
        // Of an attempt it is mostly that of one delivery, which no route knows.
        if (name == "replay_id" || value is not JsonValue text || !text.TryGetValue<string>(out var id))
        {
            return;
        }

        var parameter = name switch
        {
            "id" => Parameter().Match(operation.Path) is { Success: true } of ? of.Groups[1].Value : operation.Path.Split('/')[^1] switch { "endpoints" => "endpoint_id", "keys" => "key_id", "erasures" => "erasure_id", _ => "replay_id" },
            "next_cursor" => $"cursor of {operation.Path}",
            _ => name,
        };
        if (!_known.TryGetValue(parameter, out var known))
        {
            _known[parameter] = known = [];
        }

        if (known.Contains(id) || Spared.Contains(id))
        {
            return;
        }

        known.Add(id);
        if (known.Count > Most)
        {
            known.RemoveAt(0);
        }
    }

    [GeneratedRegex(@"\{(\w+_id)\}")]
    private static partial Regex Parameter();
}
