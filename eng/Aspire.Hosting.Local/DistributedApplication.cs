using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Local;
using Aspire.Hosting.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting;

/// <summary>A distributed application whose projects run as processes of this machine.</summary>
public sealed class DistributedApplication : IHost, IAsyncDisposable
{
    private readonly IHost _host;
    private readonly IResourceCollection _resources;
    private readonly DistributedApplicationExecutionContext _context;
    private readonly EntryPointRun? _entryPoint;
    private bool _running;

    internal DistributedApplication(
        IHost host, IResourceCollection resources, DistributedApplicationExecutionContext context, EntryPointRun? entryPoint)
    {
        _host = host;
        _resources = resources;
        _context = context;
        _entryPoint = entryPoint;
    }

    /// <summary>The AppHost's own services.</summary>
    public IServiceProvider Services => _host.Services;

    /// <summary>Tells how each resource is.</summary>
    public ResourceNotificationService ResourceNotifications => Services.GetRequiredService<ResourceNotificationService>();

    /// <summary>Begins an application, configured by the AppHost's arguments.</summary>
    public static IDistributedApplicationBuilder CreateBuilder(string[] args) =>
        new DistributedApplicationBuilder(args, underTest: EntryPointRun.Current is not null, EntryPointRun.Current);

    /// <summary>Starts every resource and returns; <see cref="ResourceNotifications"/> tells when one is ready.</summary>
    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        Refusals.ThrowIfAny(_resources, _context);
        _running = true;
        await _host.StartAsync(cancellationToken);
    }

    /// <summary>Stops every resource: SIGTERM, and SIGKILL to what still runs 6 s later.</summary>
    public async Task StopAsync(CancellationToken cancellationToken = default)
    {
        await _host.StopAsync(cancellationToken);
        _running = false;
    }

    /// <summary>Runs the application until it is told to stop by Ctrl-C, SIGTERM or the token.</summary>
    public async Task RunAsync(CancellationToken cancellationToken = default)
    {
        if (_entryPoint is not null)
        {
            await _entryPoint.HoldAsync(cancellationToken);
            return;
        }

        try
        {
            await StartAsync(cancellationToken);
            await _host.WaitForShutdownAsync(cancellationToken);
        }
        catch (DistributedApplicationException refusal)
        {
            await Console.Error.WriteLineAsync(refusal.Message);
            Environment.ExitCode = 1;
        }
        finally
        {
            await DisposeAsync();
        }
    }

    /// <summary>Runs the application until it is told to stop by Ctrl-C or SIGTERM.</summary>
    public void Run() => RunAsync().GetAwaiter().GetResult();

    /// <summary>Stops what still runs.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_running)
        {
            await StopAsync();
        }

        _entryPoint?.Release();
        await ((IAsyncDisposable)_host).DisposeAsync();
    }

    /// <summary>Stops what still runs.</summary>
    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();
}
