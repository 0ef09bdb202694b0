using Middleware.Endpoints;
using Middleware.Events;
using Tests.Middleware.Filtering;

namespace Tests.Middleware.Endpoints;

public class RegistryOfThousands
{
    private const int Endpoints = 20_000;
    private const int Changes = 100;

    private readonly EndpointRegistry _registry = new();

    [Fact]
    public void A_change_costs_the_same_however_many_endpoints_there_are()
    {
        Register(0, Endpoints);

        // An array of all would be 160 kB each time; a table that grows is 2 MB, once for as many as there are.
        Assert.InRange(Allocated(() => Register(Endpoints, Changes)), 0, Changes * 50_000);
        Assert.InRange(Allocated(() => Register(0, Changes)), 0, Changes * 50_000);
        Assert.Equal(Endpoints + Changes, _registry.All.Length);
    }

    [Fact]
    public void The_order_and_the_matches_follow_each_change()
    {
        Register(0, 3);
        Assert.Equal(["ep_0", "ep_1", "ep_2"], Matching("made"));

        var picky = Made.Endpoint("ep_1") with { Filter = Filter.Of(eventTypes: ["other"]) };
        _registry.Set(picky);
        Assert.Equal(["ep_0", "ep_2"], Matching("made"));
        Assert.Same(picky, _registry.Find(picky.Id));

        _registry.Remove(picky.Id);
        Assert.Equal(["ep_0", "ep_2"], _registry.All.Select(static endpoint => endpoint.Id.Value));
        Assert.Null(_registry.Find(picky.Id));

        Register(1, 1);
        Assert.Equal(["ep_0", "ep_2", "ep_1"], Matching("made"));
        _registry.Remove(new EndpointId("nobody"));
        Assert.Equal(3, _registry.All.Length);
    }

    private IEnumerable<string> Matching(string eventType) =>
        _registry.Matching(Made.Event() with { EventType = eventType }).Select(static endpoint => endpoint.Id.Value);

    private void Register(int first, int count)
    {
        for (var number = first; number < first + count; number++)
        {
            _registry.Set(Made.Endpoint($"ep_{number}"));
        }
    }

    private static long Allocated(Action change)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        change();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
