using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http.Features;
using Middleware.UseCases;

namespace Middleware.Api;

/// <summary>
/// The server, with a bound on its stop: requests that still run when <c>SHUTDOWN_TIMEOUT</c> has passed are cut off.
/// The host has one time-out for everything it stops and would let one slow request use up that of the deliveries.
/// </summary>
internal sealed class BoundedStopServer(IServer server, IServiceProvider services, TimeProvider clock) : IServer
{
    public IFeatureCollection Features => server.Features;

    public Task StartAsync<TContext>(IHttpApplication<TContext> application, CancellationToken cancellationToken)
        where TContext : notnull => server.StartAsync(application, cancellationToken);

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        // Asked for here because the server is made before the settings are checked.
        using var bound = new CancellationTokenSource(services.GetRequiredService<ShutdownSettings>().Timeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(bound.Token, cancellationToken);
        await server.StopAsync(either.Token);
    }

    public void Dispose() => server.Dispose();
}
