using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Middleware.Accepting;
using Middleware.Endpoints;
using Middleware.Events;
using Middleware.Filtering;
using Middleware.Telemetry;
using Tests.Middleware.Telemetry;

namespace Tests.Middleware.Filtering;

[Trait("Speed", "Slow")]
public sealed class HostileFilters : IDisposable
{
    private const int Many = 300;

    private static readonly string Text = new('a', 200_000);
    private static readonly IntegrationEvent Large = Made.Event(payload: Json(Text));
    private static readonly EventFilter Cheap = Filter.Of(["made"], expression: "region = 'eu'");
    private static readonly EventFilter Hostile = Filter.Of(expression: $"text NOT LIKE '%a_{new string('a', 4_000)}b%'");

    private readonly EndpointRegistry _endpoints = new();
    private readonly CapturedLog _log = new();
    private readonly OwnMeters _meters = new();
    private readonly MiddlewareMetrics _metrics;
    private readonly RouteEvent _route;

    public HostileFilters()
    {
        _metrics = _meters.Of(_endpoints);
        _route = new RouteEvent(_endpoints, _metrics, new TestClock(), _log.For<RouteEvent>());
    }

    public void Dispose()
    {
        _route.Dispose();
        _meters.Dispose();
    }

    [Fact]
    public void All_of_them_cost_an_event_no_more_than_its_budget()
    {
        Register(Many, Hostile);
        var pass = new FilterPass(_endpoints.Now, Large);

        Assert.True(pass.TryEnd());
        Assert.Equal(Many, pass.TooCostly?.Count);
        Assert.Empty(pass.Matching());
        Assert.InRange(pass.Spent, 1, FilterBudget.CommonAtMost + (Many * (FilterBudget.OfEach + Hostile.OwnSteps + 1L)));
    }

    [Fact]
    public void Cheap_filters_judge_as_ever_beside_them()
    {
        Register(Many, Hostile, Cheap);

        Assert.Equal(Many, _route.Execute(Large).Count(static endpoint => endpoint.Filter == Cheap));
    }

    [Fact]
    public void Long_expressions_over_names_are_never_too_costly_however_many_there_are()
    {
        var names = string.Join(',', Enumerable.Range(0, 400).Select(static number => $"'name{number}'"));
        Register(2_000, Filter.Of(expression: $"type NOT IN ({names})"));

        Assert.Equal(2_000, _route.Execute(Made.Event()).Length);
        Assert.Empty(_log.All);
    }

    [Fact]
    public void A_filter_may_search_the_largest_event()
    {
        Register(1, Filter.Of(expression: "LOWER(text) LIKE '%b%needle_%' OR text LIKE '%needle%'"));

        Assert.Single(_route.Execute(Made.Event(payload: Json(new string('a', 1_000_000) + "needle"))));
    }

    [Fact]
    public void One_that_is_too_costly_is_counted_and_logged_with_its_endpoint_and_the_event()
    {
        Register(2, Hostile, Cheap);

        Assert.Equal(["ep_1", "ep_3"], Ids(_route.Execute(Made.Event(payload: Json("short"))).Where(static endpoint => endpoint.Filter == Cheap)));
        Assert.Empty(_log.All);
        Assert.Empty(TooCostly());
        _route.Execute(Large);

        Assert.Equal(new Dictionary<string, long> { ["ep_0"] = 1, ["ep_2"] = 1 }, TooCostly());
        Assert.All(_log.All, static line => Assert.Equal((LogLevel.Warning, "filter too costly"), (line.Level, line.Message)));
        Assert.Equal(
            [("c-1", Large.IdText, "ep_0"), ("c-1", Large.IdText, "ep_2")],
            _log.All.Select(static line => ((string?)line.Values["correlationId"], (string?)line.Values["eventId"], (string?)line.Values["endpoint"])));

        Dictionary<string, long> TooCostly() => Gauges.Read<long>(_meters.Factory, "integration.filters.too_costly", "endpoint");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1_000)]
    [InlineData(RouteEvent.StepsAtOnce)]
    [InlineData(3_000_000)]
    public void A_pass_that_was_interrupted_ends_as_one_that_was_not(long steps)
    {
        Register(20, Cheap, Hostile, Filter.Of(["other"]));
        var (whole, parted) = (new FilterPass(_endpoints.Now, Large), new FilterPass(_endpoints.Now, Large));
        Assert.True(whole.TryEnd());

        Assert.False(parted.TryEnd(steps));
        Assert.InRange(parted.Spent, 0, steps + 1);
        Assert.True(parted.TryEnd());

        Assert.Equal(Ids(whole.Matching()), Ids(parted.Matching()));
        Assert.Equal(whole.TooCostly, parted.TooCostly);
    }

    [Fact]
    public void Filters_that_name_other_types_cost_nothing()
    {
        const int Thousands = 20_000;
        for (var number = 0; number < Thousands; number++)
        {
            _endpoints.Set(Made.Endpoint($"ep_{number}") with { Filter = Filter.Of([$"other-{number}", $"another-{number}"]) });
        }

        _endpoints.Set(Made.Endpoint("ep_100_named") with { Filter = Filter.Of(["made", "else", "made"]) });
        _endpoints.Set(Made.Endpoint("ep_200_pattern") with { Filter = Filter.Of(["else", "m*"]) });
        _endpoints.Set(Made.Endpoint("ep_300_named") with { Filter = Filter.Of(["else", "made"]) });
        _endpoints.Set(Made.Endpoint("ep_400_any") with { Filter = Filter.Of(["made"], sources: ["another"]) });
        var pass = new FilterPass(_endpoints.Now, Made.Event(payload: Json("short")));

        Assert.True(pass.TryEnd(RouteEvent.StepsAtOnce));
        Assert.Equal(["ep_100_named", "ep_200_pattern", "ep_300_named"], Ids(pass.Matching()));
        Assert.InRange(pass.Spent, 4, 400);
    }

    [Fact]
    public void Cheap_filters_are_asked_at_once()
    {
        Register(100, Cheap);

        Assert.True(_route.ExecuteAsync(Made.Event(payload: Json("short"))).AsTask().IsCompletedSuccessfully);
    }

    [Fact]
    public async Task They_cost_an_event_one_small_object()
    {
        Register(100, Filter.Of(["made"], expression: "source LIKE 't%' AND priority IN ('high','low')"));
        var accepted = Made.Event();
        Assert.Equal(100, _route.Execute(accepted).Length);

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var time = 0; time < 1_000; time++)
        {
            await _route.ExecuteAsync(accepted);
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000 * 64);
    }

    [Theory]
    [InlineData(10_000)]
    [InlineData(200_000)]
    public async Task Costly_filters_leave_the_thread_that_asks(int length)
    {
        Register(1, Hostile);
        var accepted = Made.Event(payload: Json(new string('a', length)));

        Assert.Empty(await OnItsOwnThread(() => _route.ExecuteAsync(accepted).AsTask()));

        Assert.True(Assert.Single(_log.All).IsOnThreadPool);
    }

    [Fact]
    public async Task So_do_those_of_a_batch()
    {
        await using var service = MiddlewareService.InMemory();
        service.Services.GetRequiredService<EndpointRegistry>().Set(Made.Endpoint() with { Filter = Hostile });
        var request = new DefaultHttpContext { RequestServices = service.Services };
        request.Request.ContentType = "application/json";
        request.Request.Body = new MemoryStream(Encoding.UTF8.GetBytes($"[{Json(Text)}]"));

        await OnItsOwnThread(() => service.Services.GetRequiredService<AcceptBatchHandler>().HandleAsync(request, AcceptForm.One));

        Assert.True(Assert.Single(service.Log.Of("filter too costly")).IsOnThreadPool);
    }

    /// <summary>Begins work on a thread that is none of the pool's, as those that serve sockets are none.</summary>
    private static Task<T> OnItsOwnThread<T>(Func<Task<T>> work) =>
        Task.Factory.StartNew(work, Waiting.Cancellation, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap();

    private static string Json(string text) =>
        $$$"""{"source":"s","event_type":"made","severity":"s","message":"m","metadata":{"region":"eu","text":"{{{text}}}"}}""";

    private static IEnumerable<string> Ids(IEnumerable<WebhookEndpoint> endpoints) => endpoints.Select(static endpoint => endpoint.Id.Value);

    /// <summary>Registers the filters in turn, each so many times.</summary>
    private void Register(int times, params EventFilter[] filters)
    {
        for (var number = 0; number < times * filters.Length; number++)
        {
            _endpoints.Set(Made.Endpoint($"ep_{number}") with { Filter = filters[number % filters.Length] });
        }
    }
}
