using ExternalAlerts;

namespace Tests.ExternalAlerts;

public class RingTests
{
    [Fact]
    public void The_oldest_leave_when_there_are_too_many() => Assert.Equal([5, 4, 3], Filled(3, 1000, 1, 2, 3, 4, 5).Newest(10));

    [Fact]
    public void The_oldest_leave_when_they_weigh_too_much() => Assert.Equal([6, 4], Filled(10, 10, 1, 5, 4, 6).Newest(10));

    [Fact]
    public void A_single_item_stays_whatever_it_weighs() => Assert.Equal([50], Filled(10, 10, 1, 50).Newest(10));

    [Fact]
    public void Weight_is_given_back_on_clearing()
    {
        var ring = Filled(10, 10, 9);
        ring.Clear();
        ring.Add(4);
        ring.Add(5);

        Assert.Equal([5, 4], ring.Newest(10));
    }

    private static Ring<int> Filled(int capacity, long maxWeight, params int[] items)
    {
        var ring = new Ring<int>(capacity, maxWeight, item => item);
        foreach (var item in items)
        {
            ring.Add(item);
        }

        return ring;
    }
}
