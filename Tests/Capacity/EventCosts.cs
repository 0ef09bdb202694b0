using Bench.Capacity;

namespace Tests.Capacity;

/// <summary>A cost of an event by its size and its endpoints, and a use that depends on the rate too.</summary>
public class EventCosts
{
    private static readonly EventCost Cost = new(Fixed: 100, PerDelivery: 10, PerKibibyte: 2, PerDeliveredKibibyte: 3);

    private static readonly RatedCost Rated = new([new(100, 5000), new(500, 13_000), new(1000, 15_000)], Cost, Kibibytes: 0.25);

    [Fact]
    public void It_is_the_sum_of_its_four_parts() => Assert.Equal(100 + (10 * 5) + (4 * (2 + (3 * 5))), Cost.Of(4, 5));

    [Fact]
    public void A_delivery_more_costs_its_own_part_and_that_of_its_KiB() => Assert.Equal(Cost.Of(4, 6) - Cost.Of(4, 5), Cost.OfDelivery(4));

    [Fact]
    public void Of_two_costs_the_higher_parts_count() => AssertSame(new(9, 8, 7, 6), new EventCost(9, 1, 7, 2).OrHigher(new EventCost(3, 8, 4, 6)));

    [Theory]
    [InlineData(0, false)]
    [InlineData(2, true)]
    public void Three_loads_give_the_cost_of_what_is_handled_once_and_of_what_is_handled_with_each_delivery_too(double perDeliveredKibibyte, bool isDelivered)
    {
        EventCost cost = new(100, 10, 2, perDeliveredKibibyte);

        AssertSame(cost, EventCost.Through(0.25, cost.Of(0.25, 1), 8, cost.Of(8, 1), 4, cost.Of(0.25, 4), isDelivered));
    }

    [Fact]
    public void No_part_is_below_zero_whatever_was_measured()
    {
        AssertSame(new(100, 0, 0, 0), EventCost.Through(0.25, 100, 8, 90, 4, 80, isDelivered: true));
        AssertSame(new(0, 50, 0, 0), EventCost.Through(0.25, 10, 8, 10, 4, 160, isDelivered: false));
    }

    [Theory]
    [InlineData(50, 2500)]
    [InlineData(100, 5000)]
    [InlineData(300, 9000)]
    [InlineData(500, 13_000)]
    [InlineData(750, 14_000)]
    [InlineData(1000, 15_000)]
    [InlineData(3000, 45_000)]
    public void A_use_is_on_the_line_between_two_rates_and_in_proportion_beyond_the_last(double rate, double use) => Assert.Equal(use, Rated.OfSimplest(rate), 9);

    [Fact]
    public void A_load_uses_as_much_more_as_its_events_cost_more()
    {
        Assert.Equal(Cost.Of(4, 5) - Cost.Of(0.25, 1), Rated.More(4, 5));
        Assert.Equal(9000 + (300 * Rated.More(4, 5)), Rated.Of(300, 4, 5), 9);
        Assert.Equal(9000, Rated.Of(300, 0.25, 1), 9);
    }

    private static void AssertSame(EventCost expected, EventCost found)
    {
        Assert.Equal(expected.Fixed, found.Fixed, 9);
        Assert.Equal(expected.PerDelivery, found.PerDelivery, 9);
        Assert.Equal(expected.PerKibibyte, found.PerKibibyte, 9);
        Assert.Equal(expected.PerDeliveredKibibyte, found.PerDeliveredKibibyte, 9);
    }
}
