namespace Tests.EndToEnd;

/// <summary>The external alerting system, seen and told to misbehave through its own API.</summary>
internal sealed class Receiver(Uri address) : IDisposable
{
    private const string Alerts = "/external/alerts";
    private const string Faults = "/external/faults";

    private readonly HttpClient _http = new() { BaseAddress = address };

    /// <summary>Lets it forget what it received.</summary>
    public Task ForgetAsync() => _http.DeleteAsync(Alerts, Waiting.Cancellation).HasStatus(HttpStatusCode.NoContent);

    public Task MisbehaveAsync(string fault) => _http.SendJson(HttpMethod.Put, Faults, fault).HasStatus(HttpStatusCode.OK);

    public Task BehaveAsync() => _http.DeleteAsync(Faults, Waiting.Cancellation).HasStatus(HttpStatusCode.NoContent);

    /// <summary>The fault that is set.</summary>
    public async Task<JsonNode> FaultAsync() => JsonNode.Parse(await _http.GetStringAsync(Faults, Waiting.Cancellation))!;

    /// <summary>All alerts received as they are listed, newest first.</summary>
    public Task<string> ListAsync() => _http.GetStringAsync($"{Alerts}?limit=10000", Waiting.Cancellation);

    /// <summary>The event ids of the alerts received, oldest first.</summary>
    public async Task<string[]> ReceivedAsync() => [.. Items(await ListAsync()).Select(static alert => (string)alert["event_id"]!).Reverse()];

    /// <summary>The alert of an event, once it is received.</summary>
    public async Task<JsonNode> AlertAsync(string eventId)
    {
        var list = await Waiting.SeeAsync(ListAsync, list => AlertIn(list, eventId) is not null, $"event {eventId} is received");
        return AlertIn(list, eventId)!;
    }

    /// <summary>The tries to deliver an event so far, oldest first.</summary>
    public async Task<AlertTry[]> TriesAsync(string eventId) =>
        [.. from request in Items(await _http.GetStringAsync($"{Alerts}/tries?limit=10000", Waiting.Cancellation)).Reverse()
            where (string?)request["event_id"] == eventId
            select new AlertTry(
                (int)request["attempt"]!, (string?)request["fault"], (int?)request["answered"])];

    /// <summary>The tries to deliver an event, once there are so many.</summary>
    public Task<AlertTry[]> TriesAsync(string eventId, int atLeast) =>
        Waiting.SeeAsync(() => TriesAsync(eventId), tries => tries.Length >= atLeast, $"event {eventId} is tried {atLeast} times");

    public void Dispose() => _http.Dispose();

    private static JsonNode? AlertIn(string list, string eventId) => Items(list).FirstOrDefault(alert => (string?)alert["event_id"] == eventId);

    private static IEnumerable<JsonNode> Items(string list) => JsonNode.Parse(list)!["items"]!.AsArray().Select(static item => item!);
}

/// <summary>A request that the receiver noted: how it misbehaved, if it did, and what it answered, if it did.</summary>
internal sealed record AlertTry(int Attempt, string? Fault, int? Answered);
