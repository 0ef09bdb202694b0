using AspireIntegration.Console;
using AspireIntegration.Console.Components;
using AspireIntegration.Console.SigningIn;
using ServiceDefaults;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults(ConsoleSettings.DefaultPort);
builder.AddConsole();

return await builder.Build().RunServiceAsync(static app =>
{
    app.UseServiceDefaults();
    app.UsePageHeaders();
    app.UseAuthentication();
    app.UseAuthorization();
    app.UseAntiforgery();

    app.MapWithHead().MapDefaultEndpoints();
    app.MapStaticAssets().AllowAnonymous();
    app.MapSigningIn();
    app.MapRazorComponents<App>().AddInteractiveServerRenderMode().RequireAuthorization();
});
