using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using ServiceDefaults.Connections;

namespace Tests.Middleware.Http;

/// <summary>The connections of clients while the service stops.</summary>
public sealed class EndingConnections() : OnAService(Start())
{
    private const string Post = "POST /integrations/events HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 66\r\n\r\n"
        + """{"source":"s","event_type":"t","severity":"low","message":"12345"}""";

    [Fact]
    public async Task A_request_on_an_open_connection_is_answered_as_the_last_one_though_others_are_refused()
    {
        using var open = await RawConnection.OpenAsync(Service.Http.BaseAddress!);
        using var other = await RawConnection.OpenAsync(Service.Http.BaseAddress!);
        Assert.Null((await PostAsync(open))["Connection"]);
        Assert.Null((await PostAsync(other))["Connection"]);

        Stop(Service);
        await RefusesAsync(Service.Http.BaseAddress!);

        Assert.Equal("close", (await PostAsync(open))["Connection"]);
        Assert.Null(await open.ReadAsync());
        await other.SendAsync("GET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n");
        var error = await other.ReadAsync();
        Assert.Equal((404, "close"), (error?.Status, error?["Connection"]));
    }

    [Fact]
    public async Task A_connection_that_stays_silent_is_closed_after_a_while()
    {
        using var open = await RawConnection.OpenAsync(Service.Http.BaseAddress!);
        await PostAsync(open);
        var begun = Service.Clock.WaitBegun(ConnectionDrain.Limit);

        Stop(Service);
        await begun;
        Service.Clock.Advance(ConnectionDrain.Limit);

        Assert.Null(await open.ReadAsync());
    }

    private static MiddlewareService Start()
    {
        var service = MiddlewareService.InMemory();
        service.UseKestrel();
        _ = service.Http;
        return service;
    }

    private static async Task<RawAnswer> PostAsync(RawConnection connection)
    {
        await connection.SendAsync(Post);
        var answer = await connection.ReadAsync();
        Assert.Equal(200, answer?.Status);
        return answer!;
    }

    private static void Stop(MiddlewareService service) => service.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();

    private static Task RefusesAsync(Uri address) => Waiting.Until(async () =>
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(address.Host, address.Port, Waiting.Cancellation);
            return false;
        }
        catch (SocketException)
        {
            return true;
        }
    });
}
