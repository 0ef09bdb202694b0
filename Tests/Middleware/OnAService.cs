namespace Tests.Middleware;

/// <summary>Tests that have a service of their own each.</summary>
public abstract class OnAService : IAsyncDisposable
{
    private protected OnAService(MiddlewareService? service = null) => Service = service ?? new MiddlewareService();

    private protected MiddlewareService Service { get; }

    public async ValueTask DisposeAsync()
    {
        await Service.DisposeAsync();
        GC.SuppressFinalize(this);
    }
}
