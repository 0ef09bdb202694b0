using System.Globalization;

namespace Tests.Middleware.Callers.Mutated;

/// <summary>A request to a route by a caller, with its text.</summary>
internal sealed record SentRequest(string Route, MutatedCaller Caller, string Request);

/// <summary>An answer, with the text of its headers.</summary>
internal sealed record ReceivedAnswer(int Status, string? MediaType, string Headers, string Body)
{
    public string Text => Headers + Body;
}

/// <summary>Holds answers against the caller who got them, and counts them.</summary>
internal sealed class AnswerJudge(MutationStage stage)
{
    private const int ServerFault = 500;

    // The server's refusal of a version of HTTP, before any route (RFC 9110, 15.6.6).
    private const int OtherVersion = 505;
    private const string Raw = "raw";
    private const string RefusalWithMore = "a refusal has more than its problem";
    private const string HealthyProbe = """{"status":"healthy"}""";

    // A frame of HTTP/2: GOAWAY for HTTP_1_1_REQUIRED (RFC 9113, 6.8 and 7).
    private const string NeedsHttp11 = "\0\0\x08\x07\0\0\0\0\0\0\0\0\0\0\0\0\x0d";

    private static readonly string[] OfAProblem = ["type", "title", "status", "detail", "instance", "correlation_id"];

    private readonly Lock _counting = new();

    /// <summary>The number of answers by kind of request, caller, route and status; no status for none.</summary>
    public Dictionary<(string Kind, string Caller, string Route, int? Status), int> Counts { get; } = [];

    /// <summary>The faults, each with the first request that showed it.</summary>
    public Dictionary<(string Fault, string Caller, string Route), string> Faults { get; } = [];

    /// <summary>The callers who saw payloads.</summary>
    public HashSet<string> SawPayloads { get; } = [];

    /// <summary>The callers who saw the queries of endpoints.</summary>
    public HashSet<string> SawQueries { get; } = [];

    /// <summary>Judges the answer to a request that HTTP permits.</summary>
    /// <param name="sent">The request.</param>
    /// <param name="answer">Its answer.</param>
    /// <param name="isPermitted">Whether a scope of the caller permits the route.</param>
    /// <param name="mayLack">Whether the request may need a scope beyond that of the route.</param>
    public void Judge(SentRequest sent, ReceivedAnswer answer, bool isPermitted, bool mayLack)
    {
        var (isKnown, status) = (sent.Caller.IsKnown, answer.Status);
        Note(
            "described", sent, status, answer.Text,
            (RefusalWithMore, IsMoreThanAProblem(answer)),
            ("an unknown caller is not refused by 401", !isPermitted && !isKnown && status != 401),
            ("a caller without the scope is not refused by 403", !isPermitted && isKnown && status != 403),
            ("a caller who is permitted is refused", isPermitted && status is 401 or 403 && !(mayLack && status == 403)));
    }

    /// <summary>Judges what came back on a connection with raw bytes, behind which the status of the service was asked for.</summary>
    public void Judge(SentRequest sent, string received)
    {
        var answers = RawAnswer.All(received).Select(static raw => new ReceivedAnswer(raw.Status, raw["Content-Type"]?.Split(';')[0], raw.Head, raw.Body)).ToList();
        if (answers.Count == 0)
        {
            Note(Raw, sent, null, received, ("bytes came that are no answer", received is not ("" or NeedsHttp11)));
        }

        foreach (var answer in answers)
        {
            Note(
                Raw, sent, answer.Status, answer.Text,
                (RefusalWithMore, IsMoreThanAProblem(answer)),
                ("an unknown caller is answered", !sent.Caller.IsKnown && answer.Status is >= 200 and < 400 && answer.Body is not ("" or HealthyProbe)));
        }
    }

    private static bool IsMoreThanAProblem(ReceivedAnswer answer) => answer.Status is 401 or 403 && answer.Body.Length > 0 && !(answer.MediaType == "application/problem+json" && IsProblem(answer.Body));

    private static bool IsProblem(string body)
    {
        try
        {
            return JsonNode.Parse(body) is JsonObject members && members.All(static member => OfAProblem.Contains(member.Key));
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private void Note(string kind, SentRequest sent, int? status, string answer, params (string Fault, bool IsSo)[] judged)
    {
        var (route, caller, request) = sent;
        lock (_counting)
        {
            var key = (kind, caller.Name, route, status);
            Counts[key] = Counts.GetValueOrDefault(key) + 1;
            var showsPayload = answer.Contains(MutationStage.PayloadCanary, StringComparison.Ordinal);
            var showsQuery = answer.Contains(MutationStage.QueryCanary, StringComparison.Ordinal);
            if (showsPayload)
            {
                SawPayloads.Add(caller.Name);
            }

            if (showsQuery)
            {
                SawQueries.Add(caller.Name);
            }

            foreach (var (fault, _) in judged.Append(("the service failed", status >= ServerFault && !(kind == Raw && status == OtherVersion)))
                .Append(("a payload is shown", showsPayload && !caller.MaySeePayloads))
                .Append(("the query of an endpoint is shown", showsQuery && !caller.MaySeeQueries))
                .Append(("a secret is shown", answer.Contains(MutationStage.SecretCanary, StringComparison.Ordinal)))
                .Append(("a key is shown", stage.KeyTexts.Any(text => answer.Contains(text, StringComparison.Ordinal))))
                .Where(static fault => fault.Item2))
            {
                Faults.TryAdd((fault, caller.Name, route), string.Create(
                    CultureInfo.InvariantCulture, $"{fault}: {caller.Name} at {route}: {status} {Cut(answer)}\n  {Cut(request)}"));
            }
        }
    }

    private static string Cut(string text) => text.Length > 1_500 ? text[..1_500] + "..." : text;
}
