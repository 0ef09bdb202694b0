using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Tests.Middleware.Telemetry;

namespace Tests.Middleware.Http;

/// <summary>The limits of requests as clients see them, and whom the service takes for a client.</summary>
public class LimitingRates
{
    private const string Title = "Too many requests.";
    private const string Address = "X-Test-Address";

    [Fact]
    public async Task A_client_over_its_rate_is_answered_when_to_come_again()
    {
        await using var service = Limited(("RATE_LIMIT", "2/m burst 3"), ("GLOBAL_RATE_LIMIT", "50/s burst 100"));
        for (var number = 0; number < 3; number++)
        {
            Assert.Equal(HttpStatusCode.OK, await StatusAsync(service));
        }

        using var answer = await service.Send(HttpMethod.Get, "/api/v1/events", [], null);

        await Task.FromResult(answer).IsProblem(
            HttpStatusCode.TooManyRequests, Title, "The limit is 2/m burst 3 of a client (RATE_LIMIT). Nothing was done: send it again after 30 s.");
        Assert.Equal("30", answer.Headers.GetValues("Retry-After").Single());
        Assert.Equal("\"client\";q=2;w=60, \"global\";q=50;w=1", answer.Headers.GetValues("RateLimit-Policy").Single());
        Assert.Equal("\"client\";r=0;t=30", answer.Headers.GetValues("RateLimit").Single());
        Assert.Equal("no-store", answer.Headers.CacheControl?.ToString());

        Assert.Equal(HttpStatusCode.OK, await StatusAsync(service, from: "192.0.2.2"));
        service.Clock.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(service));
    }

    [Fact]
    public async Task All_clients_together_have_a_limit_too()
    {
        await using var service = Limited(("GLOBAL_RATE_LIMIT", "1/h"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(service));

        await service.Send(HttpMethod.Get, "/api/v1/events", [], null, $"{Address}: 192.0.2.2").IsProblem(
            HttpStatusCode.TooManyRequests, Title, "The limit is 1/h burst 1, of all clients together (GLOBAL_RATE_LIMIT). Nothing was done: send it again after 3600 s.");
    }

    [Theory]
    [InlineData("/integrations/events")]
    [InlineData("/integrations/events/batch")]
    [InlineData("/v2/integrations/events")]
    [InlineData("/v1/integrations/events/batch")]
    public async Task An_event_over_the_rate_is_counted_and_logged_and_its_body_is_not_read(string path)
    {
        await using var service = Limited(("RATE_LIMIT", "1/h"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(service));

        // No route would take such a body.
        Assert.Equal(HttpStatusCode.TooManyRequests, await service.Status(HttpMethod.Post, path, "canary"));

        var line = Assert.Single(service.Log.Of("request refused"));
        Assert.Equal((429, Title), (line.Values["statusCode"], line.Values["reason"]));
        service.Clock.Advance(TimeSpan.FromHours(1));
        await Scrape.Until(service.Http, """integration_events_rejected_total{reason="rate_limited"}""", 1);
    }

    [Fact]
    public async Task Only_events_count_as_refused_events()
    {
        await using var service = Limited(("RATE_LIMIT", "1/h"));
        await StatusAsync(service);
        Assert.Equal(HttpStatusCode.TooManyRequests, await StatusAsync(service));

        service.Clock.Advance(TimeSpan.FromHours(1));
        var scrape = await Scrape.Of(service.Http);
        Assert.Equal(0, scrape["""integration_events_rejected_total{reason="rate_limited"}"""]);
        Assert.Empty(service.Log.Of("request refused"));
    }

    [Theory]
    [InlineData("/alive")]
    [InlineData("/health")]
    [InlineData("/health/live")]
    [InlineData("/health/ready")]
    public async Task Probes_are_not_limited_and_take_nothing(string path)
    {
        await using var service = Limited(("RATE_LIMIT", "1/h"), ("GLOBAL_RATE_LIMIT", "1/h"));
        for (var number = 0; number < 3; number++)
        {
            Assert.Equal(HttpStatusCode.OK, await service.Status(HttpMethod.Get, path));
        }

        Assert.Equal(HttpStatusCode.OK, await StatusAsync(service));
        Assert.Equal(HttpStatusCode.OK, await service.Status(HttpMethod.Get, path));
    }

    [Fact]
    public async Task A_page_that_is_allowed_reads_that_it_is_over_the_rate()
    {
        const string Console = "https://console.example";
        await using var service = Limited(("RATE_LIMIT", "1/h"), ("CORS_ORIGINS", Console));
        await StatusAsync(service);

        using var answer = await service.Send(HttpMethod.Get, "/api/v1/events", [], null, $"Origin: {Console}").WithStatus(HttpStatusCode.TooManyRequests);

        Assert.Equal([Console], answer.Headers.GetValues("Access-Control-Allow-Origin"));
        Assert.Contains("RateLimit", string.Join(',', answer.Headers.GetValues("Access-Control-Expose-Headers")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "192.0.2.1", "203.0.113.{0}")]
    [InlineData("10.0.0.0/8", "192.0.2.1", "203.0.113.{0}")]
    [InlineData("10.0.0.0/8", "10.0.0.1", "203.0.113.{0}, 198.51.100.7")]
    [InlineData("10.0.0.0/8", "10.0.0.1", "203.0.113.{0}, 198.51.100.7, 10.0.0.2")]
    [InlineData("10.0.0.0/8", "10.0.0.1", "203.0.113.{0}, nonsense")]
    public async Task A_forged_address_changes_nothing(string proxies, string from, string forged)
    {
        await using var service = Limited(("TRUSTED_PROXIES", proxies), ("RATE_LIMIT", "1/h"));

        Assert.Equal(HttpStatusCode.OK, await StatusAsync(service, from, string.Format(null, forged, 1)));
        Assert.Equal(HttpStatusCode.TooManyRequests, await StatusAsync(service, from, string.Format(null, forged, 2)));
    }

    [Theory]
    [InlineData("10.0.0.1", "203.0.113.{0}")]
    [InlineData("::ffff:10.0.0.1", "203.0.113.{0}")]
    [InlineData("10.0.0.1", "198.51.100.7, 203.0.113.{0}, 10.0.0.2, fd00::2")]
    public async Task The_word_of_trusted_proxies_counts(string from, string forwarded)
    {
        await using var service = Limited(("TRUSTED_PROXIES", "10.0.0.0/8,fd00::/8"), ("RATE_LIMIT", "1/h"));

        Assert.Equal(HttpStatusCode.OK, await StatusAsync(service, from, string.Format(null, forwarded, 1)));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(service, from, string.Format(null, forwarded, 2)));
        Assert.Equal(HttpStatusCode.TooManyRequests, await StatusAsync(service, from, string.Format(null, forwarded, 2)));
    }

    [Fact]
    public async Task A_switch_of_the_framework_trusts_nobody_else()
    {
        await using var service = Limited(("ForwardedHeaders_Enabled", "true"), ("RATE_LIMIT", "1/h"));

        Assert.Equal(HttpStatusCode.OK, await StatusAsync(service, forwarded: "203.0.113.1"));
        Assert.Equal(HttpStatusCode.TooManyRequests, await StatusAsync(service, forwarded: "203.0.113.2"));
    }

    [Theory]
    [InlineData("10.0.0.1", true)]
    [InlineData("192.0.2.1", false)]
    public async Task The_scheme_of_a_trusted_proxy_counts_and_its_host_does_not(string from, bool isTrusted)
    {
        await using var service = Limited(("TRUSTED_PROXIES", "10.0.0.0/8"), ("ALLOWED_HOSTS", "hooks.example"));
        string[] forwarded = [$"{Address}: {from}", "X-Forwarded-For: 203.0.113.1", "X-Forwarded-Proto: https", "X-Forwarded-Host: hooks.example"];

        using var answer = await service.Send(HttpMethod.Get, "/api/v1/events", [], null, [.. forwarded, "Host: hooks.example"]);
        Assert.Equal(isTrusted, answer.Headers.Contains("Strict-Transport-Security"));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        await service.Send(HttpMethod.Get, "/api/v1/events", [], null, [.. forwarded, "Host: attacker.example"]).HasStatus(HttpStatusCode.BadRequest);
    }

    private static Task<HttpStatusCode> StatusAsync(MiddlewareService service, string from = "192.0.2.1", string? forwarded = null) => service.Status(
        HttpMethod.Get, "/api/v1/events", null, [$"{Address}: {from}", .. forwarded is null ? (string[])[] : [$"X-Forwarded-For: {forwarded}"]]);

    private static MiddlewareService Limited(params (string Name, string Value)[] settings)
    {
        var service = MiddlewareService.InMemory(settings);
        service.With = static services => services.Insert(0, ServiceDescriptor.Singleton<IStartupFilter, ComingFrom>());
        return service;
    }

    /// <summary>Has requests come from the address that a test names: all its connections are of this machine.</summary>
    private sealed class ComingFrom : IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            app.Use(static (context, next) =>
            {
                context.Connection.RemoteIpAddress = IPAddress.Parse(context.Request.Headers[Address].FirstOrDefault() ?? "192.0.2.1");
                return next(context);
            });
            next(app);
        };
    }
}
