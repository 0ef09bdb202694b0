using CsCheck;
using Middleware.Endpoints;

namespace Tests.Middleware.Endpoints;

public sealed class LaneLayoutTests
{
    [Fact]
    public void The_parts_of_the_shards_are_the_whole_and_differ_by_one_at_most() =>
        Gen.Select(Gen.Int[1, LaneLayout.MostShards], Gen.Int[0, 100_000]).Sample((shards, more) =>
        {
            var (layout, whole) = (LaneLayout.Of(shards), shards + more);
            var parts = Enumerable.Range(0, shards).Select(shard => layout.PartOf(whole, shard)).ToList();
            Assert.Equal(whole, parts.Sum());
            Assert.InRange(parts.Max() - parts.Min(), 0, 1);
            Assert.All(parts, static part => Assert.True(part >= 1));
        });

    [Fact]
    public void Each_shard_has_the_limits_of_its_part()
    {
        var endpoint = Made.Endpoint() with { Workers = 7, RateLimit = new RateLimit(9, 5), Layout = LaneLayout.Of(3) };

        var shards = Enumerable.Range(0, 3).Select(endpoint.WithLimitsOf).ToList();

        Assert.Equal([3, 2, 2], shards.Select(static shard => shard.Workers));
        Assert.Equal([new(3, 2), new(3, 2), new(3, 1)], shards.Select(static shard => shard.RateLimit!));
    }

    [Fact]
    public void Deliveries_are_shared_out_about_evenly_by_key_or_by_event()
    {
        var layout = LaneLayout.Of(8);
        var (keys, events) = (new int[8], new int[8]);
        for (var number = 0; number < 8_000; number++)
        {
            keys[layout.ShardOf(Made.Key($"key {number}"), eventSequence: 1)]++;

            // One event a millisecond, and several in one.
            events[layout.ShardOf(key: null, ((200_000_000_000L + (number / 3)) << 22) + (number % 3))]++;
        }

        Assert.All(keys.Concat(events), static count => Assert.InRange(count, 700, 1_300));
    }

    [Fact]
    public void A_change_of_the_number_is_another_layout_and_the_widest_is_remembered()
    {
        var layout = LaneLayout.Of(4);

        Assert.Equal(layout, layout.To(4));
        Assert.Equal(new LaneLayout(2, 1, 4), layout.To(2));
        Assert.Equal(new LaneLayout(4, 2, 4), layout.To(2).To(4));
        Assert.Equal(new LaneLayout(9, 3, 9), layout.To(2).To(4).To(9));
    }
}
