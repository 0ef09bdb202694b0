using System.Diagnostics;
using System.Net.Http.Json;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Tests.Hosting.Local;

/// <summary>An application of puppets, with what it said.</summary>
internal sealed class PuppetStage : IAsyncDisposable
{
    private DistributedApplication? _app;

    public PuppetStage(params string[] args)
    {
        Builder = DistributedApplicationTestingBuilder.Create(args);
        Builder.Services.AddSingleton<ILoggerProvider>(Lines);
    }

    public IDistributedApplicationTestingBuilder Builder { get; }

    public RecordedLines Lines { get; } = new();

    public DistributedApplication App => _app ?? throw new InvalidOperationException("Not started.");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public IResourceBuilder<ProjectResource> Add(string name) =>
        Builder.AddProject<PuppetProject>(name).WithHttpEndpoint().WithHttpHealthCheck("/health/ready");

    public async Task StartAsync()
    {
        _app = await Builder.BuildAsync(Cancellation);
        await _app.StartAsync(Cancellation);
    }

    public Task<ResourceEvent> HealthyAsync(string name) => App.ResourceNotifications.WaitForResourceHealthyAsync(name, Cancellation);

    public Task StateAsync(string name, string state) => App.ResourceNotifications.WaitForResourceAsync(name, state, Cancellation);

    public async Task<T> AskAsync<T>(string name, string path)
    {
        using var client = App.CreateHttpClient(name);
        return (await client.GetFromJsonAsync<T>(path, Cancellation))!;
    }

    public async Task SetHealthAsync(string name, int status)
    {
        using var client = App.CreateHttpClient(name);
        using var answer = await client.PutAsync(new Uri($"/health/{status}", UriKind.Relative), content: null, Cancellation);
        answer.EnsureSuccessStatusCode();
    }

    public async Task<Process> ProcessAsync(string name)
    {
        await HealthyAsync(name);
        return Process.GetProcessById(await AskAsync<int>(name, "/pid"));
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
        {
            await _app.DisposeAsync();
        }

        await Builder.DisposeAsync();
    }
}
