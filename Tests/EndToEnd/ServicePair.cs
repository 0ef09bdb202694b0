using Tests.Hosting;

namespace Tests.EndToEnd;

/// <summary>Both services as processes without the AppHost, so that one can be stopped alone and its log be read.</summary>
internal sealed class ServicePair : IDisposable
{
    private readonly TemporaryDirectory _data;

    private ServicePair(TemporaryDirectory data, ServiceProcess alerts, ServiceProcess middleware)
    {
        _data = data;
        Alerts = alerts;
        Middleware = middleware;
        Events = new EventClient(middleware.Address);
        Receiver = new Receiver(alerts.Address);
    }

    public ServiceProcess Alerts { get; }

    public ServiceProcess Middleware { get; }

    public EventClient Events { get; }

    public Receiver Receiver { get; }

    /// <summary>Starts both, the middleware with the memory store and with settings such as <c>QUEUE_SIZE=5</c>.</summary>
    public static async Task<ServicePair> StartAsync(params IEnumerable<string> settings)
    {
        var data = new TemporaryDirectory();
        ServiceProcess? alerts = null;
        try
        {
            alerts = await ServiceProcess.StartAsync("ExternalAlerts.Api");
            var middleware = await StartMiddlewareAsync(data, new Uri(alerts.Address, "/external/alerts"), settings);
            return new ServicePair(data, alerts, middleware);
        }
        catch
        {
            alerts?.Dispose();
            data.Dispose();
            throw;
        }
    }

    /// <summary>Starts the middleware alone, with the memory store.</summary>
    public static Task<ServiceProcess> StartMiddlewareAsync(TemporaryDirectory data, Uri receiver, params IEnumerable<string> settings) =>
        ServiceProcess.StartAsync(
            "Middleware.Api",
            [$"EXTERNAL_ENDPOINT_URL={receiver}", "ConnectionStrings__events=memory", $"DATA_DIR={data.Path}", .. settings]);

    public void Dispose()
    {
        Events.Dispose();
        Receiver.Dispose();
        Middleware.Dispose();
        Alerts.Dispose();
        _data.Dispose();
    }
}
