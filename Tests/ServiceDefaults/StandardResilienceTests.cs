using CsCheck;
using Microsoft.Extensions.DependencyInjection;
using Polly;
using Polly.Timeout;
using ServiceDefaults;

namespace Tests.ServiceDefaults;

public class StandardResilienceTests
{
    private static readonly Gen<(int Timeout, int Retries, int Delay)> LegalSettings = Gen.Select(Gen.Int[10, 300_000], Gen.Int[0, 10], Gen.Int[0, 60_000]);

    [Theory]
    [InlineData(10, 0, 0)]
    [InlineData(10, 10, 0)]
    [InlineData(10, 10, 60_000)]
    [InlineData(3_000, 3, 500)]
    [InlineData(20_000, 0, 500)]
    [InlineData(300_000, 0, 0)]
    [InlineData(300_000, 10, 60_000)]
    [InlineData(69_966, 1, 49_649)]
    public Task A_setting_at_its_limits_makes_options_the_handler_accepts(int timeout, int retries, int delay) => IsAccepted(timeout, retries, delay);

    [Fact]
    public Task Every_legal_setting_makes_options_the_handler_accepts() =>
        LegalSettings.SampleAsync(setting => IsAccepted(setting.Timeout, setting.Retries, setting.Delay));

    [Fact]
    public void The_defaults_make_a_total_of_16_and_a_half_seconds() => Assert.Equal(
        TimeSpan.FromSeconds(16.5), StandardResilience.TotalTimeout(TimeSpan.FromSeconds(3), 3, TimeSpan.FromMilliseconds(500)));

    [Fact]
    public void All_tries_and_pauses_fit_into_the_total_time_out() => LegalSettings.Sample(setting =>
    {
        var timeout = TimeSpan.FromMilliseconds(setting.Timeout);
        var needed = timeout;
        for (var (retry, pause) = (0, TimeSpan.FromMilliseconds(setting.Delay)); retry < setting.Retries; retry++, pause *= 2)
        {
            needed += timeout + (pause < TimeSpan.FromMinutes(5) ? pause : TimeSpan.FromMinutes(5));
        }

        var total = StandardResilience.TotalTimeout(timeout, setting.Retries, TimeSpan.FromMilliseconds(setting.Delay));

        Assert.Equal(needed + TimeSpan.FromSeconds(1), total);
    });

    [Fact]
    public void Of_all_statuses_only_5xx_are_tried_again()
    {
        for (var status = 100; status <= 599; status++)
        {
            using var response = new HttpResponseMessage((HttpStatusCode)status);
            Assert.Equal(status >= 500, StandardResilience.IsTransient(Outcome.FromResult(response)));
        }
    }

    [Fact]
    public void Network_errors_and_time_outs_are_tried_again_and_nothing_else_that_is_thrown()
    {
        Assert.True(IsTransient(new HttpRequestException()));
        Assert.True(IsTransient(new HttpIOException(HttpRequestError.ResponseEnded)));
        Assert.True(IsTransient(new IOException()));
        Assert.True(IsTransient(new TimeoutRejectedException()));
        Assert.False(IsTransient(new OperationCanceledException()));
        Assert.False(IsTransient(new InvalidOperationException()));

        static bool IsTransient(Exception exception) => StandardResilience.IsTransient(Outcome.FromException<HttpResponseMessage>(exception));
    }

    private static async Task IsAccepted(int timeout, int retries, int delay)
    {
        var tries = 0;
        await using var services = new ServiceCollection()
            .AddHttpClient("", client => client.BaseAddress = new Uri("http://receiver.test"))
            .ConfigurePrimaryHttpMessageHandler(() => new AnsweringHandler(_ => ++tries <= 1 ? HttpStatusCode.NotFound : HttpStatusCode.OK))
            .AddStandardResilienceHandler(options => StandardResilience.Configure(
                options, TimeSpan.FromMilliseconds(timeout), retries, TimeSpan.FromMilliseconds(delay)))
            .Services.BuildServiceProvider();

        // The handler judges its options when the first request is made. A 10 ms time-out can strike: then it was accepted too.
        try
        {
            await services.GetRequiredService<HttpClient>().GetAsync("/", Waiting.Cancellation).HasStatus(HttpStatusCode.NotFound);
        }
        catch (TimeoutRejectedException)
        {
            Assert.True(timeout < 30_000);
        }
    }
}
