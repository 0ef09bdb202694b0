using System.Reflection;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Local;
using Aspire.Hosting.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting;

internal sealed class DistributedApplicationBuilder : IDistributedApplicationBuilder
{
    private readonly HostApplicationBuilder _inner;
    private readonly EntryPointRun? _entryPoint;

    public DistributedApplicationBuilder(string[] args, bool underTest, EntryPointRun? entryPoint)
    {
        _entryPoint = entryPoint;
        var assembly = entryPoint?.Assembly ?? Assembly.GetEntryAssembly();
        AppHostDirectory = assembly?.GetCustomAttributes<AssemblyMetadataAttribute>()
            .FirstOrDefault(attribute => attribute.Key == "apphostprojectpath")?.Value ?? System.Environment.CurrentDirectory;

        _inner = new HostApplicationBuilder(new HostApplicationBuilderSettings
        {
            Args = args,
            ApplicationName = assembly?.GetName().Name,
            ContentRootPath = Directory.Exists(AppHostDirectory) ? AppHostDirectory : null,
            Configuration = underTest ? LaunchProfile.Configuration(AppHostDirectory) : new ConfigurationManager(),
        });
        ExecutionContext = new(Operation(_inner.Configuration));
        AddServices(underTest);
    }

    public ConfigurationManager Configuration => _inner.Configuration;

    public IHostEnvironment Environment => _inner.Environment;

    public string AppHostDirectory { get; }

    public IServiceCollection Services => _inner.Services;

    public DistributedApplicationExecutionContext ExecutionContext { get; }

    public IResourceCollection Resources { get; } = new ResourceCollection();

    public IResourceBuilder<T> AddResource<T>(T resource)
        where T : IResource
    {
        if (Resources.Any(other => string.Equals(other.Name, resource.Name, StringComparison.OrdinalIgnoreCase)))
        {
            throw new DistributedApplicationException($"There is a resource '{resource.Name}' already.");
        }

        Resources.Add(resource);
        return CreateResourceBuilder(resource);
    }

    public IResourceBuilder<T> CreateResourceBuilder<T>(T resource)
        where T : IResource => new ResourceBuilder<T>(this, resource);

    public DistributedApplication Build()
    {
        _entryPoint?.Building(this);
        var application = new DistributedApplication(_inner.Build(), Resources, ExecutionContext, _entryPoint);
        _entryPoint?.Built(application);
        return application;
    }

    private static DistributedApplicationOperation Operation(ConfigurationManager configuration) =>
        configuration["publisher"] is not null
        || string.Equals(configuration["operation"], "publish", StringComparison.OrdinalIgnoreCase)
            ? DistributedApplicationOperation.Publish
            : DistributedApplicationOperation.Run;

    private void AddServices(bool underTest)
    {
        // A test shows what it wants to see by a logger provider of its own.
        Services.AddLogging(logging => (underTest ? logging.ClearProviders() : logging.AddSimpleConsole(console => console.SingleLine = true))
            .AddFilter("Microsoft.Hosting.Lifetime", LogLevel.None)
            .AddFilter("System.Net.Http.HttpClient", LogLevel.Warning));
        Services.AddHttpClient();
        Services.TryAddSingleton(TimeProvider.System);
        Services.AddSingleton(Resources);
        Services.AddSingleton(new ResourceNotificationService());
        Services.AddSingleton(new PortPolicy(Random: underTest || Configuration["DcpPublisher:RandomizePorts"] == "true"));
        Services.AddSingleton(services => new ResourceOutput(
            underTest ? null : Console.Out, services.GetRequiredService<ILoggerFactory>(), Environment.ApplicationName));
        Services.AddSingleton<HealthMonitor>();
        Services.AddSingleton<ProjectRunner>();
        Services.AddHostedService<Orchestrator>();
    }
}
