using Microsoft.Extensions.DependencyInjection;
using Polly;
using Polly.CircuitBreaker;

namespace Tests.ServiceDefaults;

public class ResilientHttpClients
{
    private readonly TestClock _clock = new() { Hurried = TimeSpan.FromSeconds(2) };

    [Fact]
    public async Task A_503_is_tried_three_more_times_after_pauses_that_double()
    {
        var network = new AnsweringHandler(_ => HttpStatusCode.ServiceUnavailable);
        await using var host = await Start(network);

        await Get(host, "http://a.test/").HasStatus(HttpStatusCode.ServiceUnavailable);

        Assert.Equal(4, network.Asked.Count);
        Assert.Equal([500, 1_000, 2_000], _clock.Waits.Where(wait => wait <= _clock.Hurried).Select(wait => wait.TotalMilliseconds));
    }

    [Fact]
    public async Task A_receiver_that_recovers_is_answered_from()
    {
        var tries = 0;
        var network = new AnsweringHandler(_ => ++tries < 3 ? HttpStatusCode.BadGateway : HttpStatusCode.NoContent);
        await using var host = await Start(network);

        await Get(host, "http://a.test/").HasStatus(HttpStatusCode.NoContent);

        Assert.Equal(3, tries);
    }

    [Theory]
    [InlineData(HttpStatusCode.OK)]
    [InlineData(HttpStatusCode.Found)]
    [InlineData(HttpStatusCode.BadRequest)]
    [InlineData(HttpStatusCode.RequestTimeout)]
    [InlineData(HttpStatusCode.TooManyRequests)]
    public async Task Any_other_answer_is_taken_at_once(HttpStatusCode status)
    {
        var network = new AnsweringHandler(_ => status);
        await using var host = await Start(network);

        await Get(host, "http://a.test/").HasStatus(status);

        Assert.Single(network.Asked);
    }

    [Fact]
    public async Task A_try_is_given_three_seconds_and_all_of_them_16_and_a_half()
    {
        await using var host = await Start(new AnsweringHandler(_ => HttpStatusCode.OK));

        using var answer = await Get(host, "http://a.test/");

        Assert.Equal([16.5, 3], _clock.Waits.Where(wait => wait > _clock.Hurried).Select(wait => wait.TotalSeconds));
    }

    [Fact]
    public async Task Each_authority_has_its_own_breaker()
    {
        var network = new AnsweringHandler(request => request.RequestUri!.Host == "bad.test" ? HttpStatusCode.InternalServerError : HttpStatusCode.OK);
        await using var host = await Start(network);

        await Assert.ThrowsAnyAsync<BrokenCircuitException>(async () =>
        {
            for (var request = 0; request < 100; request++)
            {
                using var answer = await Get(host, "http://bad.test/");
            }
        });

        await Get(host, "http://good.test/").HasStatus(HttpStatusCode.OK);
        await Get(host, "http://bad.test:81/").HasStatus(HttpStatusCode.InternalServerError);
    }

    [Fact]
    public async Task A_redirect_is_never_followed()
    {
        var asked = new List<string>();
        await using var receiver = await WebReceiver.StartAsync(context =>
        {
            asked.Add(context.Request.Path);
            context.Response.Redirect("/elsewhere");
            return Task.CompletedTask;
        });
        await using var host = await DefaultsHost.Start();

        await Get(host, receiver.At("here").ToString()).HasStatus(HttpStatusCode.Found);

        Assert.Equal(["/here"], asked);
    }

    private Task<DefaultsHost> Start(HttpMessageHandler network) => DefaultsHost.Start(add: services => services
        .AddTransient(_ => new ResiliencePipelineBuilder { TimeProvider = _clock })
        .ConfigureHttpClientDefaults(http => http.ConfigurePrimaryHttpMessageHandler(() => network)));

    private static async Task<HttpResponseMessage> Get(DefaultsHost host, string url)
    {
        using var http = host.App.Services.GetRequiredService<IHttpClientFactory>().CreateClient();
        return await http.GetAsync(url, Waiting.Cancellation).InTime();
    }
}
