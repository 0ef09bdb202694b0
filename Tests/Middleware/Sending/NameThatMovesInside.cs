using Microsoft.Extensions.DependencyInjection;
using Middleware.Delivering;
using Middleware.Sending;
using Tests.Middleware.Crash;

namespace Tests.Middleware.Sending;

public class NameThatMovesInside
{
    /// <summary>Tests send to this machine only: it is the outside here, as far as <c>ALLOWED_NETWORKS</c> goes.</summary>
    private const string Outside = "127.0.0.1";

    private const string Inside = "10.0.0.1";

    [Fact(Timeout = CrashStage.TestLimit)]
    public async Task A_registered_name_that_led_outside_is_sent_nothing_from_when_on_it_leads_inside()
    {
        await using var receiver = new Receiver(Receiver.AnswerAndEnd);
        var asked = 0;
        HostResolver resolver = (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Parse(Interlocked.Increment(ref asked) == 1 ? Outside : Inside)]);
        await using var service = new MiddlewareService(("EXTERNAL_ENDPOINT_URL", ""), ("ALLOWED_NETWORKS", Outside))
        {
            With = services => services.AddSingleton(resolver).AddSingleton<IDeliveryClient, DeliveryClient>(),
        };
        using var client = new MiddlewareClient(service.Http);
        await client.Register($$"""{"name":"moving","url":"http://moving.example:{{receiver.Url.Port}}/","redelivery_schedule":["1m"]}""");

        Assert.Equal("delivered", (string?)(await client.LookWhenEnded(await client.Accept()))["status"]);
        var refused = await client.LookWhenEnded(await client.Accept());

        var delivery = refused["deliveries"]!.AsArray().Single()!;
        Assert.Equal(("dead_letter", "address_refused", null), ((string?)delivery["status"], (string?)delivery["reason"], (string?)delivery["next_retry_at"]));
        Assert.Contains($"moving.example is at {Inside}", (string?)refused["attempts"]!.AsArray().Single()!["error"], StringComparison.Ordinal);
        Assert.Equal(2, asked);
        Assert.Single(receiver.Requests);
    }
}
