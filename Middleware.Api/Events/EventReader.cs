using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Unicode;
using ServiceDefaults.Settings;

namespace Middleware.Events;

/// <summary>Reads an event from its JSON and names all faults at once.</summary>
internal static class EventReader
{
    public const int MaxNameLength = 256;
    public const int MaxSeverityLength = 64;
    public const int MaxMessageLength = 65_536;

    private const string ShortestExpiry = "1ms";
    private const string LongestExpiry = "30d";
    private const int MaxShown = 100;

    private static readonly (TimeSpan Least, TimeSpan Most) Expiries = (TimeSpan.FromMilliseconds(1), TimeSpan.FromDays(30));

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 32, AllowDuplicateProperties = false };

    /// <summary>
    /// Reads an event. The parts of <paramref name="received"/> point into <paramref name="json"/>. The platform's own source is refused, but where a
    /// filter is tested on it.
    /// </summary>
    public static bool TryRead(
        ReadOnlyMemory<byte> json, out ReceivedEvent received, out IDictionary<string, string[]> errors, bool isOwnSourceAllowed = false)
    {
        received = default;
        if (!Utf8.IsValid(json.Span))
        {
            errors = Fault(JsonBody.Body, "is not valid UTF-8");
            return false;
        }

        try
        {
            using var document = JsonDocument.Parse(json, Strict);
            return TryRead(document.RootElement, isOwnSourceAllowed, out received, out errors);
        }
        catch (InvalidOperationException)
        {
            // The text of the search for duplicates when a name has an escaped surrogate without its other half.
            errors = Fault(JsonBody.Body, JsonBody.HalfPairInName);
            return false;
        }
        catch (JsonException exception)
        {
            errors = Fault(JsonBody.Body, JsonBody.Fault(exception, Strict.MaxDepth));
            return false;
        }
    }

    private static bool TryRead(JsonElement root, bool isOwnSourceAllowed, out ReceivedEvent received, out IDictionary<string, string[]> errors)
    {
        received = default;
        if (root.ValueKind != JsonValueKind.Object)
        {
            errors = Fault(JsonBody.Body, "must be a JSON object");
            return false;
        }

        var fields = new FieldReader(root);
        var source = fields.RequiredText("source", MaxNameLength, out var rawSource);
        if (source == PlatformEvent.Source && !isOwnSourceAllowed)
        {
            fields.Refuse("source", $"\"{PlatformEvent.Source}\" is the platform's own name; expected the name of another system");
        }

        var eventType = fields.RequiredText("event_type", MaxNameLength, out var rawEventType);
        var severity = fields.RequiredText("severity", MaxSeverityLength, out var rawSeverity);
        fields.RequiredText("message", MaxMessageLength, out var rawMessage);
        var rawMetadata = fields.OptionalObject("metadata");
        var expiresIn = fields.OptionalExpiry("expires_in");

        errors = fields.Errors;
        if (errors.Count > 0)
        {
            return false;
        }

        received = new ReceivedEvent
        {
            Source = source,
            EventType = eventType,
            Severity = severity,
            ExpiresIn = expiresIn,
            Raw = new RawMembers
            {
                Source = rawSource,
                EventType = rawEventType,
                Severity = rawSeverity,
                Message = rawMessage,
                Metadata = rawMetadata,
            },
        };
        return true;
    }

    /// <summary>One fault of one field.</summary>
    public static Dictionary<string, string[]> Fault(string field, string fault) => new() { [field] = [fault] };

    /// <summary>Reads members of one object and notes the fault of each.</summary>
    private ref struct FieldReader(JsonElement root)
    {
        private static readonly IDictionary<string, string[]> None = new Dictionary<string, string[]>().AsReadOnly();

        private Dictionary<string, string[]>? _errors;

        public readonly IDictionary<string, string[]> Errors => _errors ?? None;

        public string RequiredText(string name, int maxLength, out ReadOnlySpan<byte> raw)
        {
            raw = default;
            if (!root.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null)
            {
                return Refuse(name, "is required");
            }

            if (value.ValueKind != JsonValueKind.String)
            {
                return Refuse(name, "must be a string");
            }

            raw = JsonMarshal.GetRawUtf8Value(value);
            if (JsonBody.Decode(value) is not { } text)
            {
                return Refuse(name, "has half of a surrogate pair, which is no character");
            }

            if (string.IsNullOrWhiteSpace(text))
            {
                return Refuse(name, "must not be blank");
            }

            return text.Length <= maxLength ? text : Refuse(name, $"must have at most {maxLength} characters, has {text.Length}");
        }

        public ReadOnlySpan<byte> OptionalObject(string name)
        {
            if (!root.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null)
            {
                return default;
            }

            if (value.ValueKind != JsonValueKind.Object)
            {
                Refuse(name, "must be a JSON object");
            }

            return JsonMarshal.GetRawUtf8Value(value);
        }

        public TimeSpan? OptionalExpiry(string name)
        {
            if (!root.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null)
            {
                return null;
            }

            if (value.ValueKind == JsonValueKind.String && Duration.TryParse(JsonBody.Decode(value), out var given) && given >= Expiries.Least && given <= Expiries.Most)
            {
                return given;
            }

            var shown = value.GetRawText();
            Refuse(name, $"must be a duration such as 3s, 500ms or 1m30s, from {ShortestExpiry} to {LongestExpiry}; it is {(shown.Length > MaxShown ? $"{shown[..MaxShown]}..." : shown)}");
            return null;
        }

        public string Refuse(string name, string fault)
        {
            (_errors ??= [])[name] = [fault];
            return "";
        }
    }
}
