using AspireIntegration.Client;
using AspireIntegration.Console.Layout;
using Bunit;
using Microsoft.AspNetCore.Components;
using KeyedService = Tests.Middleware.Callers.KeyedService;

namespace Tests.Console;

/// <summary>Pages on the API of a real service, as the holder of a key sees them.</summary>
internal sealed class OperatedConsole(params (string Name, string Value)[] settings) : IAsyncDisposable
{
    private OpenConsole? _open;

    public KeyedService Keyed { get; } = new(settings);

    public TestClock Clock => Keyed.Service.Clock;

    public NavigationManager Navigation => _open!.Navigation;

    /// <summary>The API as the admin asks it.</summary>
    public AspireIntegrationClient Admin => new(Keyed.Service.Http, KeyedService.AdminKey);

    /// <summary>Opens a page by its path, as the admin or with another key.</summary>
    public async Task<IRenderedComponent<TPage>> OpenAsync<TPage>(string path, string? key = null)
        where TPage : ConsolePage
    {
        await (_open?.DisposeAsync() ?? default);
        _open = await OpenConsole.Of(Keyed.Service.Http, key ?? KeyedService.AdminKey, Clock);
        return _open.Open<TPage>(path);
    }

    /// <summary>Submits the form of the page that is open twice.</summary>
    public Task SubmitTwiceAsync<TPage>(IRenderedComponent<TPage> page)
        where TPage : ConsolePage => _open!.SubmitTwiceAsync(page);

    public async ValueTask DisposeAsync()
    {
        await (_open?.DisposeAsync() ?? default);
        await Keyed.DisposeAsync();
    }
}
