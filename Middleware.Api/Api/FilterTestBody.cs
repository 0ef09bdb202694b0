using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Unicode;
using Middleware.Domain;
using Middleware.UseCases;

namespace Middleware.Api;

/// <summary>Reads a filter and an event to try it on, and names all that is wrong with either at once.</summary>
internal static class FilterTestBody
{
    /// <summary>What there is beside the event, in bytes.</summary>
    public const int MaxFilterBytes = 64 * 1024;

    private const string Event = "event";

    // An event may nest as deep as where it is accepted.
    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 33, AllowDuplicateProperties = false };

    /// <summary>False, with errors, unless both are valid.</summary>
    public static bool TryRead(
        ReadOnlyMemory<byte> json, int maxEventBytes, IDictionary<string, string[]> errors, out EndpointFilter? filter, out ReceivedEvent received)
    {
        filter = null;
        received = default;
        if (!Utf8.IsValid(json.Span))
        {
            errors[EventReader.Body] = ["is not valid UTF-8"];
            return false;
        }

        try
        {
            using var document = JsonDocument.Parse(JsonBody.WithoutMark(json), Strict);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                errors[EventReader.Body] = ["must be a JSON object"];
                return false;
            }

            JsonBody.RefuseUnknown(document.RootElement, "", [FilterBody.Name, Event], errors);
            filter = ReadFilter(document.RootElement, errors);
            ReadEvent(document.RootElement, maxEventBytes, errors, out received);
            return errors.Count == 0;
        }
        catch (InvalidOperationException)
        {
            // What the search for duplicates says of a name with an escaped surrogate that lacks its other half.
            errors[EventReader.Body] = [JsonBody.HalfPairInName];
            return false;
        }
        catch (JsonException exception)
        {
            errors[EventReader.Body] = [$"is not valid JSON: {exception.Message}"];
            return false;
        }
    }

    private static EndpointFilter? ReadFilter(JsonElement root, IDictionary<string, string[]> errors)
    {
        if (JsonBody.TryGet(root, FilterBody.Name, out var filter))
        {
            return FilterBody.Read(filter, errors);
        }

        errors[FilterBody.Name] = ["is required; {} takes everything"];
        return null;
    }

    private static void ReadEvent(JsonElement root, int maxBytes, IDictionary<string, string[]> errors, out ReceivedEvent received)
    {
        received = default;
        if (!JsonBody.TryGet(root, Event, out var given))
        {
            errors[Event] = ["is required, as it would be sent to /integrations/events"];
            return;
        }

        var raw = JsonMarshal.GetRawUtf8Value(given);
        if (raw.Length > maxBytes)
        {
            errors[Event] = [$"is larger than {maxBytes} bytes (MAX_EVENT_BYTES)"];
        }
        else if (!EventReader.TryRead(raw.ToArray(), out received, out var faults, isOwnSourceAllowed: true))
        {
            foreach (var (field, fault) in faults)
            {
                errors[field == EventReader.Body ? Event : $"{Event}.{field}"] = fault;
            }
        }
    }
}
