using AspireIntegration.Console;
using AspireIntegration.Console.Layout;
using AspireIntegration.Console.SigningIn;
using ServiceDefaults;

if (new ServiceCommands(typeof(Caller).Assembly, "Shows what the middleware does, and operates it over its API.", ConsoleSettings.DefaultPort).Find(args) is { } command)
{
    return await command();
}

// Its scripts and styles lie beside it, wherever it is started.
var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
builder.WebHost.UseStaticWebAssets();
builder.AddServiceDefaults(ConsoleSettings.DefaultPort);
builder.AddConsole();

return await builder.Build().RunServiceAsync(static app =>
{
    KeepKeys.Check(app.Services);
    app.UseServiceDefaults();
    app.UsePageHeaders();
    app.RefuseForeignPages();
    app.UseAuthentication();
    app.UseAuthorization();
    app.UseAntiforgery();

    app.MapWithHead().MapDefaultEndpoints(static metrics => metrics.RequireAuthorization());
    app.MapStaticAssets().AllowAnonymous();
    app.MapSigningIn();
    app.MapRazorComponents<App>().AddInteractiveServerRenderMode(static pages => pages.ContentSecurityFrameAncestorsPolicy = null).RequireAuthorization();
});
