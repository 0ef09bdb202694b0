using AspireIntegration.Client;
using AspireIntegration.Console;
using AspireIntegration.Console.Components;
using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using KeyedService = Tests.Middleware.Callers.KeyedService;

namespace Tests.Console.Pages;

/// <summary>Pages on the API of a real service, as the holder of a key sees them.</summary>
internal sealed class OperatedConsole(params (string Name, string Value)[] settings) : IAsyncDisposable
{
    private readonly BunitContext _pages = new();

    public KeyedService Keyed { get; } = new(settings);

    public TestClock Clock => Keyed.Service.Clock;

    public NavigationManager Navigation => _pages.Services.GetRequiredService<NavigationManager>();

    /// <summary>The API as the admin asks it.</summary>
    public AspireIntegrationClient Admin => ClientOf(KeyedService.AdminKey);

    /// <summary>Opens a page by its path, as the admin or with another key.</summary>
    public async Task<IRenderedComponent<TPage>> OpenAsync<TPage>(string path, string? key = null)
        where TPage : ConsolePage
    {
        // What belongs to the context is given before the first page of it.
        if (_pages.JSInterop.Mode != JSRuntimeMode.Loose)
        {
            // Only ends a test that would hang.
            BunitContext.DefaultWaitTimeout = TimeSpan.FromSeconds(30);
            _pages.JSInterop.Mode = JSRuntimeMode.Loose;
            _pages.Services.AddSingleton<TimeProvider>(Clock);
        }

        var caller = new Caller(ClientOf(key ?? KeyedService.AdminKey));
        await caller.LoadAsync(Waiting.Cancellation);
        Navigation.NavigateTo(path);
        return _pages.Render<TPage>(parameters => parameters.AddCascadingValue(caller));
    }

    public async ValueTask DisposeAsync()
    {
        await _pages.DisposeAsync();
        await Keyed.DisposeAsync();
    }

    private AspireIntegrationClient ClientOf(string key) => new(Keyed.Service.Http, key);
}
