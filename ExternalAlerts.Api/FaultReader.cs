using System.Text.Json;
using System.Text.Unicode;
using ServiceDefaults.Settings;

namespace ExternalAlerts;

/// <summary>Reads a fault from JSON and notes all errors: the field, its value, what is expected.</summary>
internal sealed class FaultReader
{
    private const int MaxShown = 64;
    private static readonly string[] Known = ["status", "rate", "latency", "hang", "drop", "retry_after", "count"];
    private static readonly string[] Answered = ["active", "remaining"]; // What GET adds, so that its answer can be put back.

    private readonly Dictionary<string, string[]> _errors = new(StringComparer.Ordinal);
    private readonly Dictionary<string, JsonElement> _members;

    private FaultReader(Dictionary<string, JsonElement> members) => _members = members;

    /// <summary>The fault, null for none; or the errors by field, those of the body as a whole under <c>body</c>.</summary>
    public static (Fault? Fault, Dictionary<string, string[]> Errors) Read(ReadOnlySpan<byte> body)
    {
        try
        {
            if (!Utf8.IsValid(body))
            {
                return Refuse("The body is not valid UTF-8.");
            }

            if (JsonSerializer.Deserialize(body, AlertsJson.Default.DictionaryStringJsonElement) is not { } members)
            {
                return Refuse("The body is null: a JSON object is needed.");
            }

            var reader = new FaultReader(members);
            var fault = reader.ReadFault();
            return reader._errors.Count == 0 ? (fault, reader._errors) : (null, reader._errors);
        }
        catch (JsonException exception)
        {
            var place = exception.LineNumber is { } line ? $" (line {line + 1}, byte {exception.BytePositionInLine + 1})" : "";
            return Refuse($"The body is not a JSON object with each of its members once{place}.");
        }

        static (Fault?, Dictionary<string, string[]>) Refuse(string error) => (null, new() { ["body"] = [error] });
    }

    private Fault? ReadFault()
    {
        foreach (var unknown in _members.Keys.Except([.. Known, .. Answered]))
        {
            _errors[unknown] = [$"There is no such field; expected some of {string.Join(", ", Known)}."];
        }

        var fault = new Fault
        {
            Status = Whole("status", 200, 599),
            Rate = Share("rate") ?? 1,
            Latency = Time("latency", "1h"),
            Hang = Flag("hang"),
            Drop = Flag("drop"),
            RetryAfter = Time("retry_after", "1d"),
            Count = Whole("count", 1, 1_000_000_000),
        };

        if (_errors.Count == 0)
        {
            CheckTogether(fault);
        }

        return fault is { Rate: 0, IsOfNothing: true } ? null : fault;
    }

    private void CheckTogether(Fault fault)
    {
        string[] exclusive = [.. new[] { (fault.Status is not null, "status"), (fault.Hang, "hang"), (fault.Drop, "drop") }
            .Where(field => field.Item1).Select(field => field.Item2)];

        if (exclusive.Length > 1)
        {
            foreach (var field in exclusive)
            {
                _errors[field] = [$"{string.Join(" and ", exclusive)} are given; expected only one of status, hang, drop."];
            }
        }
        else if (fault is { IsOfNothing: true, Rate: > 0 })
        {
            _errors["body"] = ["Nothing would misbehave; expected one of status, latency, hang, drop."];
        }
        else if (fault.RetryAfter is not null && fault.Status is null)
        {
            _errors["retry_after"] = [$"{Shown("retry_after")} is not accepted without a status; expected status too."];
        }
    }

    private int? Whole(string name, int min, int max)
    {
        if (!Given(name, out var value))
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) && number >= min && number <= max)
        {
            return number;
        }

        return Refuse(name, $"expected a whole number from {min} to {max}");
    }

    private double? Share(string name)
    {
        if (!Given(name, out var value))
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && number is >= 0 and <= 1)
        {
            return number;
        }

        return Refuse(name, "expected a number from 0 to 1");
    }

    private TimeSpan? Time(string name, string max)
    {
        if (!Given(name, out var value))
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.String
            && Duration.TryParse(value.GetRawText().Trim('"'), out var time) && Duration.TryParse(max, out var most) && time <= most)
        {
            return time;
        }

        Refuse(name, $"expected a duration such as 200ms, 3s or 1m30s, {max} at most");
        return null;
    }

    private bool Flag(string name)
    {
        if (Given(name, out var value) && value.ValueKind is not (JsonValueKind.True or JsonValueKind.False))
        {
            Refuse(name, "expected true or false");
        }

        return value.ValueKind == JsonValueKind.True;
    }

    private bool Given(string name, out JsonElement value) =>
        _members.TryGetValue(name, out value) && value.ValueKind != JsonValueKind.Null;

    private int? Refuse(string name, string accepted)
    {
        _errors[name] = [$"{Shown(name)} is not accepted; {accepted}."];
        return null;
    }

    private string Shown(string name) =>
        _members[name].GetRawText() is var text && text.Length > MaxShown ? $"{text[..MaxShown]}..." : text;
}
