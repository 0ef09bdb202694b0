using Tests.Middleware;

namespace Tests.EndToEnd;

/// <summary>Both services as processes without the AppHost, so that one can be stopped alone and its log be read.</summary>
internal sealed class ServicePair : IDisposable
{
    private readonly RunningMiddleware _middleware;

    private ServicePair(ServiceProcess alerts, RunningMiddleware middleware)
    {
        (Alerts, _middleware) = (alerts, middleware);
        Receiver = new Receiver(alerts.Address);
    }

    public ServiceProcess Alerts { get; }

    public ServiceProcess Middleware => _middleware.Process;

    public MiddlewareClient Events => _middleware.Client;

    public Receiver Receiver { get; }

    /// <summary>Starts both, the middleware with the memory store and with settings such as <c>QUEUE_SIZE=5</c>.</summary>
    public static async Task<ServicePair> StartAsync(params IEnumerable<string> settings)
    {
        var alerts = await ServiceProcess.StartAsync("ExternalAlerts.Api");
        try
        {
            var middleware = await RunningMiddleware.StartAsync(
                [RunningMiddleware.InMemory, $"EXTERNAL_ENDPOINT_URL={new Uri(alerts.Address, "/external/alerts")}", .. settings]);
            return new ServicePair(alerts, middleware);
        }
        catch
        {
            alerts.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        Receiver.Dispose();
        _middleware.Dispose();
        Alerts.Dispose();
    }
}
