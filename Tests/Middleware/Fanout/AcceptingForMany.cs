using Microsoft.Extensions.DependencyInjection;
using Middleware.Storage;
using SQLitePCL;

namespace Tests.Middleware.Fanout;

public sealed class AcceptingForMany
{
    private const int Endpoints = 10;

    [Fact]
    public async Task An_event_for_ten_endpoints_is_kept_for_all_of_them_by_one_commit()
    {
        using var folder = new TemporaryDirectory();
        var commits = 0;
        await using var service = new MiddlewareService(("EXTERNAL_ENDPOINT_URL", ""))
        {
            With = services => services.AddSingleton(new StoreSettings(IsMemory: false, folder.Path)
            {
                WriterOpened = writer => raw.sqlite3_commit_hook(writer.Handle, _ => Interlocked.Increment(ref commits) * 0, null),
            }),
        };
        using var client = new MiddlewareClient(service.Http);
        var endpoints = new List<string>();
        for (var number = 0; number < Endpoints; number++)
        {
            endpoints.Add((await client.Register($$"""{"name":"{{number}}","url":"https://receiver.example/{{number}}"}""")).Id);
        }

        // No outcome is there to be committed, and no time passes for anything else.
        service.Receiver.Hold();
        var before = Volatile.Read(ref commits);
        var accepted = await client.Accept();
        Assert.Equal(before + 1, Volatile.Read(ref commits));

        var deliveries = (await client.Look(accepted))["deliveries"]!.AsArray();
        Assert.Equal(
            endpoints.Order().Select(static endpoint => (endpoint, "pending")),
            deliveries.Select(static delivery => ((string)delivery!["endpoint_id"]!, (string)delivery["status"]!)).Order());

        service.Receiver.Release();
        Assert.Equal("delivered", (string?)(await client.LookWhenEnded(accepted))["status"]);
        Assert.Equal(endpoints.Order(), service.Receiver.Sent.Select(static sent => sent.EndpointId.Value).Order());
    }
}
