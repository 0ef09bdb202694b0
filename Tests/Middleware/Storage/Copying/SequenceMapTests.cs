using Middleware.Storage.Copying;
using Middleware.Storage.Postgres;

namespace Tests.Middleware.Storage.Copying;

/// <summary>New sequence numbers for those of a SQLite store.</summary>
public class SequenceMapTests
{
    private static readonly DateTimeOffset Noon = TestClock.Noon;
    private static readonly long Ms = Noon.ToUnixTimeMilliseconds();

    [Fact]
    public void A_number_has_the_time_of_its_event_and_is_of_stream_0()
    {
        var map = Map((7, Ms), (8, Ms + 1), (9, Ms + 1));

        Assert.Equal([PostgresClock.FirstAt(Noon), PostgresClock.FirstAt(Noon.AddMilliseconds(1)), PostgresClock.FirstAt(Noon.AddMilliseconds(1)) + 1], [map[7], map[8], map[9]]);
        Assert.Equal((3, map[9]), (map.Count, map.Last));
        Assert.Equal(0, PostgresClock.StreamOf(map[9]));
    }

    [Fact]
    public void Numbers_without_an_event_follow_the_one_before_them()
    {
        var map = Map((1, null), (2, Ms), (3, null), (4, Ms + 5));

        Assert.Equal([PostgresClock.FirstAt(Noon), map[1] + 1, map[1] + 2, PostgresClock.FirstAt(Noon.AddMilliseconds(5))], [map[1], map[2], map[3], map[4]]);
    }

    [Fact]
    public void Numbers_of_purged_rows_are_between_those_of_the_rows_that_are_there()
    {
        var map = Map((5, Ms), (8, Ms), (9, Ms));

        Assert.Equal((0, 0, 1, 1), (map[-1], map[0], map[1], map[4]));
        Assert.Equal((map[5] + 1, map[5] + 1, map[5] + 2, map[8] + 1), (map[6], map[7], map[8], map[9]));
        Assert.Equal(map[9] + 1, map[10]);
    }

    [Fact]
    public void An_empty_store_has_no_numbers()
    {
        var map = Map();

        Assert.Equal((0L, 0L, 1L), (map.Last, map[0], map[7]));
        Assert.Empty(map.Days);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-62135596800000)]
    [InlineData(253402300799999)]
    [InlineData(1_600_000_000_000)]
    public void One_damaged_time_has_at_most_a_day_of_its_own(long damaged)
    {
        for (var place = 0; place < 6; place++)
        {
            var numbers = Enumerable.Range(0, 6).Select(index => ((long)index + 1, (long?)(index == place ? damaged : Ms + (index * 1_000)))).ToArray();
            var map = Map(numbers);

            Assert.InRange(map.Days.Count(), 1, 2);
            AssertAscending(map, numbers);
            var others = numbers.Where(number => number.Item2 != damaged && place != 5).Select(number => PostgresClock.TimeOf(map[number.Item1]) - Noon);
            Assert.All(others, static shift => Assert.InRange(shift, TimeSpan.Zero, TimeSpan.FromSeconds(5)));
        }
    }

    [Fact]
    public void Times_that_go_back_or_are_in_the_future_keep_the_order()
    {
        var random = new Random(5);
        var numbers = Enumerable.Range(1, 3_000).Select(number => ((long)number * random.Next(1, 3), (long?)(Ms + random.Next(-100_000_000, 1_000_000_000)))).OrderBy(static number => number.Item1)
            .DistinctBy(static number => number.Item1).ToArray();

        var map = Map(numbers);

        AssertAscending(map, numbers);
        Assert.InRange(map.Days.Count(), 1, 3);
        Assert.InRange(PostgresClock.TimeOf(map.Last), Noon.AddDays(-2), Noon.AddDays(1));
    }

    [Fact]
    public void More_numbers_of_a_time_than_a_counter_has_go_on_in_the_next_millisecond_and_stay_of_stream_0()
    {
        var numbers = Enumerable.Range(1, 70_000).Select(static number => ((long)number, (long?)Ms)).ToArray();

        var map = Map(numbers);

        AssertAscending(map, numbers);
        Assert.All(numbers, number => Assert.Equal(0, PostgresClock.StreamOf(map[number.Item1])));
        Assert.Equal(Noon.AddMilliseconds(1), PostgresClock.TimeOf(map.Last));
    }

    /// <summary>The store ends a day after noon.</summary>
    private static SequenceMap Map(params (long, long?)[] numbers) => SequenceMap.Of(numbers, Noon.AddDays(1));

    private static void AssertAscending(SequenceMap map, (long Number, long?)[] numbers) =>
        Assert.All(numbers.Zip(numbers.Skip(1)), pair => Assert.True(map[pair.First.Number] < map[pair.Second.Number], $"{pair}"));
}
