using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Middleware.Callers;
using Tests.Hosting;
using Tests.Middleware.Storage.Postgres;

namespace Tests.EndToEnd;

/// <summary>Aspire's dashboard as a person sees it. With DASHBOARD_IMAGES=docs/images it takes the pictures of the README.</summary>
[Trait("Speed", "Slow")]
public sealed class LookingAtTheDashboard : IAsyncDisposable
{
    private static readonly string? Images = Environment.GetEnvironmentVariable("DASHBOARD_IMAGES");

    private readonly TemporaryDirectory _data = TemporaryDirectory.OpenToPrograms();
    private ServiceProcess? _appHost;

    [Fact(Timeout = 2 * Waiting.TestLimit)]
    public async Task All_services_are_healthy_and_a_sample_event_is_sent_and_traced_through_both()
    {
        await using var browser = await Browser.StartAsync(width: 1440, height: 400);
        var login = await StartAsync();
        await browser.OnPageAsync(page => page.GotoAsync(login.ToString()));
        foreach (var service in (string[])["external-alerts", "middleware", "console"])
        {
            // One that is not healthy is shown as "Running (Unhealthy)".
            await browser.OnPageAsync(page => Row(page, $"Project: {service}").GetByRole(AriaRole.Gridcell, new() { Name = "Running", Exact = true }).WaitForAsync());
        }

        await PictureAsync(browser, "resources.png");
        await browser.OnPageAsync(page => Row(page, "Project: middleware").GetByRole(AriaRole.Button, new() { Name = "Send a sample event" })
            .ClickAsync(new() { ClickCount = Images is null ? 1 : 4, Delay = 200 })); // The first event of a process is the slowest.
        await browser.OnPageAsync(page => page.GetByText("\"Send a sample event\" succeeded").First.WaitForAsync());
        await browser.OnPageAsync(page => page.GetByRole(AriaRole.Button, new() { Name = "Notifications" }).ClickAsync());
        await browser.OnPageAsync(page => page.GetByText(new Regex("Event [0-9a-f]{32} is accepted\\.")).First.WaitForAsync());

        await browser.OnPageAsync(page => page.GotoAsync(new Uri(login, "/traces").ToString()));
        await browser.OnPageAsync(page => Row(page, "middleware: POST /integrations/events")
            .Filter(new() { HasText = "external-alerts" }).GetByText("POST /integrations/events").Last.ClickAsync());
        foreach (var span in (string[])["middleware: POST /integrations/events", "external-alerts: POST /external/alerts"])
        {
            await browser.OnPageAsync(page => page.GetByRole(AriaRole.Gridcell, new() { Name = span }).First.WaitForAsync()); // The cell of its logs has the same name.
        }

        await PictureAsync(browser, "trace.png");
        Assert.Equal(0, await _appHost!.StopAsync());
    }

    [Fact(Timeout = 2 * Waiting.TestLimit)]
    public async Task Two_replicas_are_healthy_on_the_server_that_is_started_for_them_and_one_delivers_what_the_other_has_accepted()
    {
        PostgresPrograms.Find();
        await using var browser = await Browser.StartAsync(width: 1440, height: 600);
        var login = await StartAsync("POSTGRES=installed", "REPLICAS=2");
        await browser.OnPageAsync(page => page.GotoAsync(login.ToString()));
        await browser.OnPageAsync(page => Row(page, "Executable: postgres").GetByRole(AriaRole.Gridcell, new() { Name = "Running", Exact = true }).WaitForAsync());
        await browser.OnPageAsync(page => Running(page).Nth(1).WaitForAsync());

        // The next replica accepts each event, and one has the only lane: soon there is a trace of both.
        await browser.OnPageAsync(async page =>
        {
            for (var clicks = 0; await OfBoth(page).CountAsync() == 0; clicks++)
            {
                await page.GotoAsync(new Uri(login, "/").ToString());
                await Running(page).Nth(clicks % 2).GetByRole(AriaRole.Button, new() { Name = "Send a sample event" }).ClickAsync();
                await page.GetByText("\"Send a sample event\" succeeded").First.WaitForAsync();
                await page.GotoAsync(new Uri(login, "/traces").ToString());
                await page.GetByRole(AriaRole.Row).Filter(new() { HasText = "external-alerts" }).First.WaitForAsync();
            }

            await OfBoth(page).First.GetByText("POST /integrations/events").Last.ClickAsync();
            foreach (var span in (string[])["MSG aspire_integration default", "POST /external/alerts"])
            {
                await page.GetByRole(AriaRole.Gridcell, new() { Name = $": {span}" }).First.WaitForAsync();
            }
        });

        var server = new StartedPostgres(_data.Path);
        Assert.Equal(0, await _appHost!.StopAsync());
        await Waiting.Until(() => !server.Runs);

        static ILocator Running(IPage page) =>
            Row(page, "Project: middleware-").Filter(new() { Has = page.GetByRole(AriaRole.Gridcell, new() { Name = "Running", Exact = true }) });

        // Three spans to accept it, two to deliver it.
        static ILocator OfBoth(IPage page) => page.GetByRole(AriaRole.Row)
            .Filter(new() { HasTextRegex = new Regex(@"middleware-[0-9a-z]+\s*\(3\)\s*middleware-[0-9a-z]+\s*\(2\)\s*external-alerts\s*\(1\)") });
    }

    public ValueTask DisposeAsync()
    {
        _appHost?.Dispose();
        _data.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Starts the AppHost on free ports and gives the address with which one is logged in to its dashboard.</summary>
    private async Task<Uri> StartAsync(params string[] settings)
    {
        string[] all =
        [
            "DOTNET_ENVIRONMENT=Development",
            "ASPNETCORE_ENVIRONMENT=Development",
            "ASPIRE_ALLOW_UNSECURED_TRANSPORT=true",
            "ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL=http://127.0.0.1:0",
            "ASPIRE_RESOURCE_SERVICE_ENDPOINT_URL=http://127.0.0.1:0",
            $"DcpPublisher__RandomizePorts={Images is null}",
            $"DATA_DIR={_data.Path}",

            // Those that are made are kept in the secrets of the user.
            $"Parameters__admin-key={KeyText.Generate()}",
            $"Parameters__postgres-password={KeyText.Generate()}",
            .. settings,
        ];
        _appHost = ServiceProcess.Begin("AppHost", all);
        const string Login = "Login to the dashboard at ";

        // Its start takes long on a machine with much to do.
        string? line = null;
        await Waiting.WithinTheTest(() => (line = _appHost.Output.FirstOrDefault(static line => line.Contains(Login, StringComparison.Ordinal))) is not null);
        return new Uri(line!.Split(Login)[1]);
    }

    private static ILocator Row(IPage page, string name) => page.GetByRole(AriaRole.Row).Filter(new() { Has = page.GetByRole(AriaRole.Gridcell, new() { Name = name }) });

    private static async Task PictureAsync(Browser browser, string name)
    {
        if (Images is not null)
        {
            await browser.PictureAsync(Path.Combine(Images, name));
        }
    }
}
