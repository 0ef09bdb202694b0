using System.Net;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Local;
using Microsoft.Extensions.Time.Testing;

namespace Tests.Hosting.Local;

public sealed class HealthMonitorTests
{
    private const int Limit = 120_000;

    private readonly FakeTimeProvider _clock = new();

    [Fact(Timeout = Limit)]
    public async Task Asks_often_until_healthy_and_then_every_30_seconds()
    {
        var service = new Service(HttpStatusCode.ServiceUnavailable, HttpStatusCode.OK, HttpStatusCode.OK);
        List<string?> reports = [];
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var running = new HealthMonitor(_clock, service).RunAsync(Check(), reports.Add, stop.Token);

        Assert.Equal(["GET http://localhost:1/health/ready answered 503, not 200"], reports);
        _clock.Advance(TimeSpan.FromMilliseconds(250));
        Assert.Equal(2, reports.Count);
        Assert.Null(reports[1]);
        _clock.Advance(TimeSpan.FromSeconds(29));
        Assert.Equal(2, reports.Count);
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(3, reports.Count);

        await stop.CancelAsync();
        await running;
    }

    [Fact(Timeout = Limit)]
    public async Task Asks_less_and_less_while_unhealthy_but_at_least_every_5_seconds()
    {
        var service = new Service([.. Enumerable.Repeat(HttpStatusCode.ServiceUnavailable, 100)]);
        List<DateTimeOffset> asked = [];
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var running = new HealthMonitor(_clock, service).RunAsync(Check(), _ => asked.Add(_clock.GetUtcNow()), stop.Token);

        for (var step = 0; step < 4_000; step++)
        {
            _clock.Advance(TimeSpan.FromMilliseconds(10));
        }

        var waits = asked.Zip(asked.Skip(1), (earlier, later) => later - earlier).ToList();
        Assert.Equal(TimeSpan.FromMilliseconds(250), waits[0]);
        Assert.Equal(waits.Order(), waits);
        Assert.Equal(TimeSpan.FromSeconds(5), waits[^1]);

        await stop.CancelAsync();
        await running;
    }

    private static HealthCheckAnnotation Check()
    {
        var project = new ProjectResource("puppet");
        project.Annotations.Add(new EndpointAnnotation("http", "http") { AllocatedPort = 1 });
        return new HealthCheckAnnotation(new EndpointReference(project, "http"), "/health/ready", 200);
    }

    private sealed class Service(params HttpStatusCode[] answers) : HttpMessageHandler, IHttpClientFactory
    {
        private int _asked;

        public HttpClient CreateClient(string name) => new(this, disposeHandler: false);

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(new HttpResponseMessage(answers[_asked++]));
    }
}
