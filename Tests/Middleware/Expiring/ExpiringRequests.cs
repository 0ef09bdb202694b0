namespace Tests.Middleware.Expiring;

/// <summary>Events that expire, and the lists that they are looked for in.</summary>
internal static class ExpiringRequests
{
    /// <summary>Has an event accepted that expires, and gives its id.</summary>
    public static async Task<string> AcceptFor(this MiddlewareService service, string expiresIn)
    {
        var body = $$"""{"source":"tests","event_type":"made","severity":"low","message":"m","expires_in":"{{expiresIn}}"}""";
        return (string)(await service.Ask(HttpMethod.Post, "/integrations/events", HttpStatusCode.OK, body))["event_id"]!;
    }

    /// <summary>Lets a time pass, and then only so little more that a loop that just began comes to its round, until an event has a status.</summary>
    public static async Task After(this MiddlewareService service, TimeSpan time, string id, string status)
    {
        service.Clock.Advance(time);
        while ((string?)(await service.Get($"/api/v1/events/{id}"))["status"] != status)
        {
            Waiting.Cancellation.ThrowIfCancellationRequested();
            service.Clock.Advance(TimeSpan.FromMilliseconds(1));
            await Task.Yield();
        }
    }

    /// <summary>Lets the time go on until an event has expired.</summary>
    public static Task PassingUntilExpired(this MiddlewareService service, string id) =>
        service.Passing(async () => (string?)(await service.Get($"/api/v1/events/{id}"))["status"] == "expired");

    public static async Task<int> Count(this MiddlewareService service, string list) => (await service.Get(list))["items"]!.AsArray().Count;

    /// <summary>True when an event was sent.</summary>
    public static bool HasSent(this MiddlewareService service, string id) => service.Receiver.Sent.Any(delivery => delivery.Event.IdText == id);
}
