using System.Globalization;
using System.Text.RegularExpressions;

namespace Tests.Middleware.Http.Contract.Fuzz;

/// <summary>Holds answers against what the document says of their operation.</summary>
internal sealed partial class AnswerCheck(SchemaCheck check)
{
    private static readonly HashSet<string> OfHttp = new(StringComparer.OrdinalIgnoreCase)
    {
        "Date", "Transfer-Encoding", "Content-Type", "Content-Length", "Connection", "Cache-Control", "Pragma", "Expires", "Last-Modified", "Vary", "X-Content-Type-Options",
    };

    /// <summary>The statuses that each operation answered.</summary>
    public Dictionary<string, SortedSet<int>> Met { get; } = [];

    /// <summary>The faults of answers, each with the first request of an operation that showed it.</summary>
    public Dictionary<(string Fault, Operation Operation), string> Faults { get; } = [];

    /// <summary>Notes what is wrong with an answer and gives its JSON, null when it has none.</summary>
    public async Task<JsonNode?> HoldAsync(FuzzedRequest request, HttpResponseMessage answer, bool mayBeUnavailable)
    {
        var status = (int)answer.StatusCode;
        var text = await answer.Content.ReadAsStringAsync(Waiting.Cancellation);
        if (!Met.TryGetValue(request.Operation.ToString(), out var met))
        {
            Met[request.Operation.ToString()] = met = [];
        }

        met.Add(status);
        List<string> faults = [];
        JsonNode? body = null;
        if (request.Operation.Responses[status.ToString(CultureInfo.InvariantCulture)] is not { } described)
        {
            faults.Add("the status is not in the document");
        }
        else
        {
            faults.AddRange(FaultsOfHeaders(described, answer));
            (var ofBody, body) = FaultsOfBody(described, answer, text);
            faults.AddRange(ofBody);
        }

        if (status >= 400 && NamesCode().Match(text) is { Success: true } code)
        {
            faults.Add($"the text names code: {code.Value}");
        }

        if (status >= 500 && !(mayBeUnavailable && status == 503))
        {
            faults.Add("the service failed");
        }

        if (request.IsInvalid && status < 400)
        {
            faults.Add("what the document refuses was accepted");
        }

        foreach (var fault in faults)
        {
            Faults.TryAdd((fault, request.Operation), $"{fault}: {status} {(text.Length > 600 ? text[..600] + "..." : text)}\n  {request}");
        }

        return body;
    }

    /// <summary>The texts of the framework's exceptions about themselves.</summary>
    [GeneratedRegex(@"\b(System|Microsoft|Middleware|ServiceDefaults)\.[A-Z]|\.NET\b|LineNumber|BytePosition|isFinalBlock|Nullable`|\bJson[A-Z]\w+|Path: \$")]
    private static partial Regex NamesCode();

    private static IEnumerable<string> FaultsOfHeaders(JsonNode described, HttpResponseMessage answer)
    {
        var known = described["headers"]!.AsObject();
        foreach (var (name, _) in answer.Headers.Concat(answer.Content.Headers).Where(header => !OfHttp.Contains(header.Key) && !known.ContainsKey(header.Key)))
        {
            yield return $"the header {name} is not in the document";
        }

        foreach (var name in known.Select(static header => header.Key).Where(static name => name is "X-Correlation-ID" or "Retry-After" or "Location"))
        {
            if (!answer.Headers.Contains(name))
            {
                yield return $"the header {name} is missing";
            }
        }
    }

    private (IEnumerable<string> Faults, JsonNode? Body) FaultsOfBody(JsonNode described, HttpResponseMessage answer, string text)
    {
        if (described["content"]?.AsObject() is not { Count: > 0 } contents)
        {
            return (text.Length == 0 ? [] : ["there is a body"], null);
        }

        if (contents[answer.Content.Headers.ContentType?.MediaType ?? ""] is not { } content)
        {
            return ([$"the content type {answer.Content.Headers.ContentType} is not in the document"], null);
        }

        try
        {
            var body = answer.Content.Headers.ContentType?.MediaType == "text/plain" ? text : JsonNode.Parse(text);
            return (check.Faults(content["schema"]!, body), body);
        }
        catch (JsonException fault)
        {
            return ([fault.Message], null);
        }
    }
}
