using System.Net.Http.Headers;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Middleware.Delivering;
using Middleware.Endpoints;
using Middleware.Sending;
using Tests.Middleware.Crash;

namespace Tests.Middleware.Sending.Signing;

/// <summary>Deliveries, judged by receivers that verify with the published library.</summary>
public class VerifyingDeliveries
{
    private const string Accepted = "delivered: ";
    private const string Refused = "dead_letter: No matching signature found";

    private static readonly HttpClient Client = new();

    [Fact(Timeout = CrashStage.TestLimit)]
    [RunsNatively]
    public async Task Receivers_accept_by_the_first_secret_and_after_a_change_by_either()
    {
        using var middleware = await RunningMiddleware.StartAsync();
        var (id, first) = await Register(middleware.Client);
        await using var withFirst = await LibraryReceiver.StartAsync(first);
        Assert.Equal(Accepted, await VerdictOf(withFirst.Url, middleware.Client, id));

        var second = await Rotate(middleware.Client, id);
        await using var withSecond = await LibraryReceiver.StartAsync(second);
        Assert.Equal(Accepted, await VerdictOf(withFirst.Url, middleware.Client, id));
        Assert.Equal(Accepted, await VerdictOf(withSecond.Url, middleware.Client, id));

        // The overlap is kept with the endpoint.
        await middleware.KillAndStartAsync();
        Assert.Equal(Accepted, await VerdictOf(withFirst.Url, middleware.Client, id));
        Assert.Equal(Accepted, await VerdictOf(withSecond.Url, middleware.Client, id));

        // Changed once more within it: the oldest ends at once.
        await Rotate(middleware.Client, id);
        Assert.Equal(Refused, await VerdictOf(withFirst.Url, middleware.Client, id));
        Assert.Equal(Accepted, await VerdictOf(withSecond.Url, middleware.Client, id));
    }

    [Fact(Timeout = CrashStage.TestLimit)]
    [RunsNatively]
    public async Task Receivers_refuse_a_body_of_which_one_bit_was_changed_on_its_way()
    {
        using var middleware = await RunningMiddleware.StartAsync();
        var (id, secret) = await Register(middleware.Client);
        await using var receiver = await LibraryReceiver.StartAsync(secret);
        await using var faithful = await RelayAsync(receiver.Url, static _ => { });
        await using var altering = await RelayAsync(receiver.Url, static body => body[body.Length / 2] ^= 1);

        Assert.Equal(Accepted, await VerdictOf(faithful.Url, middleware.Client, id));
        Assert.Equal(Refused, await VerdictOf(altering.Url, middleware.Client, id));
    }

    [Fact(Timeout = CrashStage.TestLimit)]
    public async Task When_the_secrets_overlapped_for_24_hours_receivers_accept_by_the_new_one_only()
    {
        // The library looks at the machine's clock, and takes what is at most five minutes off it: the day ends there. So what may take
        // longer than that comes before.
        await NodeTools.RequireAsync();
        await using var service = new MiddlewareService(("EXTERNAL_ENDPOINT_URL", ""), ("ALLOWED_NETWORKS", "127.0.0.0/8"))
        {
            Clock = new TestClock(TimeProvider.System.GetUtcNow() - SigningSecrets.Overlap),
            With = static services => services.AddSingleton<IDeliveryClient, DeliveryClient>(),
        };
        using var client = new MiddlewareClient(service.Http);
        var (id, first) = await Register(client);
        var second = await Rotate(client, id);
        await using var withFirst = await LibraryReceiver.StartAsync(first);
        await using var withSecond = await LibraryReceiver.StartAsync(second);

        service.Clock.Advance(SigningSecrets.Overlap - TimeSpan.FromSeconds(1));
        Assert.Equal(Accepted, await VerdictOf(withFirst.Url, client, id));
        Assert.Equal(Accepted, await VerdictOf(withSecond.Url, client, id));

        service.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(Refused, await VerdictOf(withFirst.Url, client, id));
        Assert.Equal(Accepted, await VerdictOf(withSecond.Url, client, id));
    }

    /// <summary>Where its receiver is, is not known yet: that one must know the secret first.</summary>
    private static async Task<(string Id, string Secret)> Register(MiddlewareClient client)
    {
        await NodeTools.RequireAsync();
        return await client.Register(Definition(new Uri("http://127.0.0.1:2/")));
    }

    private static async Task<string> Rotate(MiddlewareClient client, string id) => (string)(await client.Do(id, "rotate-secret"))["secret"]!;

    /// <summary>Has an event sent to this receiver and gives what became of it and what the receiver said.</summary>
    private static async Task<string> VerdictOf(Uri receiver, MiddlewareClient client, string id)
    {
        await client.Replace(id, Definition(receiver));
        var seen = await client.LookWhenEnded(await client.Accept());
        return $"{seen["status"]}: {seen["attempts"]!.AsArray().Single()!["response"]}";
    }

    private static string Definition(Uri url) => $$"""{"name":"verifying","url":"{{url}}","max_retries":0,"redelivery_schedule":[]}""";

    /// <summary>Starts a relay on the way to a receiver: it alters the body and gives back what the receiver answers.</summary>
    private static Task<WebReceiver> RelayAsync(Uri receiver, Action<byte[]> alter) => WebReceiver.StartAsync(async context =>
    {
        using var read = new MemoryStream();
        await context.Request.Body.CopyToAsync(read, context.RequestAborted);
        var body = read.ToArray();
        alter(body);

        using var request = new HttpRequestMessage(HttpMethod.Post, receiver) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(context.Request.ContentType!);
        foreach (var header in (string[])["webhook-id", "webhook-timestamp", "webhook-signature"])
        {
            request.Headers.Add(header, context.Request.Headers[header].ToString());
        }

        using var answer = await Client.SendAsync(request, context.RequestAborted);
        context.Response.StatusCode = (int)answer.StatusCode;
        if (await answer.Content.ReadAsStringAsync(context.RequestAborted) is { Length: > 0 } said)
        {
            await context.Response.WriteAsync(said, context.RequestAborted);
        }
    });
}
