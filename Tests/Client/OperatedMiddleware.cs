using AspireIntegration.Client;
using AspireIntegration.Client.Operating;
using AspireIntegration.Client.Publishing;
using Tests.Middleware;

namespace Tests.Client;

/// <summary>The middleware in this process, and a client of it.</summary>
internal sealed class OperatedMiddleware : IAsyncDisposable
{
    public MiddlewareService Service { get; } = new();

    public AspireIntegrationClient Client => field ??= new AspireIntegrationClient(Service.Http);

    public EventPublisher Publisher => field ??= new EventPublisher(Client);

    public static EventToPublish Event(string eventType = "made", string source = "tests") =>
        new() { Source = source, EventType = eventType, Severity = "low", Message = "m" };

    public static EndpointRequest Endpoint(string name = "pager") => new() { Name = name, Url = "http://receiver.test/hook" };

    /// <summary>Has an event given up and gives its dead letter.</summary>
    public async Task<DeadLetterItem> FailAsync(string eventType = "made")
    {
        Service.Receiver.Status = 400;
        var accepted = await Publisher.PublishAsync(Event(eventType), Waiting.Cancellation);
        await Waiting.Until(async () => (await Client.Events.GetAsync(accepted.EventId, Waiting.Cancellation)).Status == EventStatus.DeadLetter);
        return Assert.Single((await Client.DeadLetters.ListAsync(new() { EventType = eventType }, Waiting.Cancellation)).Items);
    }

    public ValueTask DisposeAsync() => Service.DisposeAsync();
}
