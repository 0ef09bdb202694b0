using System.Runtime.InteropServices;
using System.Text.Json;
using Middleware.Domain;
using Middleware.UseCases;

namespace Middleware.Api;

/// <summary>Reads a filter and an event to try it on, and names all that is wrong with either at once.</summary>
internal static class FilterTestBody
{
    private const string Event = "event";

    /// <summary>False, with errors, unless both are valid.</summary>
    public static bool TryRead(
        JsonElement given, int maxEventBytes, IDictionary<string, string[]> errors, out EndpointFilter? filter, out ReceivedEvent received)
    {
        JsonBody.RefuseUnknown(given, "", [FilterBody.Name, Event], errors);
        filter = ReadFilter(given, errors);
        ReadEvent(given, maxEventBytes, errors, out received);
        return errors.Count == 0;
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
