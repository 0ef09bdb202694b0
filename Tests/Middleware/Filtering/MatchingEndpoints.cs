using Middleware.Endpoints;
using Middleware.Events;

namespace Tests.Middleware.Filtering;

public class MatchingEndpoints
{
    private readonly EndpointRegistry _endpoints = Made.Registry(Made.Endpoint());

    [Fact]
    public void Endpoints_that_take_everything_are_the_array_of_all()
    {
        _endpoints.Set(Made.Endpoint("second"));

        Assert.True(_endpoints.All == _endpoints.Matching(Made.Event()));
    }

    [Fact]
    public void Endpoints_that_all_match_are_the_array_of_all()
    {
        _endpoints.Set(Made.Endpoint("second") with { Filter = Filter.Of(["made"]) });

        Assert.True(_endpoints.All == _endpoints.Matching(Made.Event()));
    }

    [Fact]
    public void Those_that_match_are_answered_in_their_order()
    {
        _endpoints.Set(Made.Endpoint("first") with { Filter = Filter.Of(minPriority: "high") });
        _endpoints.Set(Made.Endpoint("second") with { Filter = Filter.Of(sources: ["t*"]) });
        _endpoints.Set(Made.Endpoint("third") with { Filter = Filter.Of(expression: "region = 'eu'") });

        Assert.Equal(["default", "second"], Ids(Made.Event()));
        Assert.Equal(["default", "first", "second"], Ids(Made.Event(Priority.Critical)));
        Assert.Equal(["default", "second", "third"], Ids(Made.Event(payload: """{"metadata":{"region":"eu"}}""")));
    }

    [Fact]
    public void A_change_of_a_filter_acts_at_once()
    {
        _endpoints.Set(Made.Endpoint() with { Filter = Filter.Of(["other"]) });
        Assert.Empty(_endpoints.Matching(Made.Event()));

        _endpoints.Set(Made.Endpoint());
        Assert.Equal(["default"], Ids(Made.Event()));
    }

    private IEnumerable<string> Ids(IntegrationEvent accepted) => _endpoints.Matching(accepted).Select(endpoint => endpoint.Id.Value);
}
