using AspireIntegration.Client;
using AspireIntegration.Client.Publishing;
using Microsoft.AspNetCore.Http;

namespace Tests.Client;

/// <summary>Tests that have a middleware and a client of it of their own each. A server with faults may stand before it.</summary>
public abstract class OnAClient : IAsyncDisposable
{
    private protected static readonly TimeSpan AttemptTimeout = TimeSpan.FromMinutes(10);

    private readonly HttpClient _http = new();

    private protected OperatedMiddleware Middleware { get; } = new();

    private protected AspireIntegrationClient Client => Middleware.Client;

    /// <summary>The server with faults, once it is started.</summary>
    private protected FaultyService Faulty { get; private set; } = null!;

    private protected IReadOnlyList<SeenRequest> Seen => Faulty.Seen;

    /// <summary>A clock by which pauses end at once, and attempts never by themselves.</summary>
    private protected TestClock Clock { get; } = new() { Hurried = TimeSpan.FromMinutes(5) };

    public virtual async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await (Faulty?.DisposeAsync() ?? default);
        await Middleware.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    private protected async Task StartFaultyAsync(params Func<HttpContext, SeenRequest, Task>[] script) => Faulty = await FaultyService.StartAsync(Middleware.Service, script);

    private protected Task<EventPublisher> PublisherAsync(params Func<HttpContext, SeenRequest, Task>[] script) =>
        PublisherAsync(Clock, new() { AttemptTimeout = AttemptTimeout }, script);

    private protected async Task<EventPublisher> PublisherAsync(TestClock clock, PublishRetrySettings settings, params Func<HttpContext, SeenRequest, Task>[] script)
    {
        await StartFaultyAsync(script);
        return PublisherOf(Faulty.Address, clock, settings);
    }

    /// <summary>A publisher without chance to a server.</summary>
    private protected EventPublisher PublisherOf(Uri server, TestClock clock, PublishRetrySettings settings)
    {
        _http.BaseAddress = server;
        return new(new AspireIntegrationClient(_http, static _ => default, clock), settings, logger: null, static () => 0.5);
    }
}
