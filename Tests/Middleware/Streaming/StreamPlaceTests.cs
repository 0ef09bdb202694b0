using Middleware.Streaming;

namespace Tests.Middleware.Streaming;

public class StreamPlaceTests
{
    private const long Second = 1_000L << 22;

    [Fact]
    public void A_place_of_one_stream_is_its_number()
    {
        var place = new StreamPlace([0x583], from: 0);
        place.Pass(0x584);

        Assert.Equal("s.584", place.ToString());
        Assert.Equal([0x584], StreamPlace.TryParse("s.584", 1)!.Last);
    }

    [Fact]
    public void A_place_of_replicas_names_the_streams_beyond_its_base_alone()
    {
        var last = new long[StreamPlace.MostStreams];
        last[7] = Number(3, 7);
        var place = new StreamPlace(last, from: 2 * Second);
        place.Pass(Number(4, 9));
        place.Pass(Number(1, 5));

        Assert.Equal($"r.{2 * Second:x}_7.{Number(1, 7):x}_9.{Number(2, 9):x}", place.ToString());
        var read = StreamPlace.TryParse(place.ToString(), StreamPlace.MostStreams)!;
        Assert.Equal((Number(3, 7), Number(4, 9)), (read.Last[7], read.Last[9]));
        Assert.Equal(2 * Second, read.Last[5]);
        Assert.Equal(place.ToString(), read.ToString());

        read.RaiseBase(Number(3, 60));
        Assert.Equal($"r.{Number(3, 60):x}_9.{Number(4, 9) - Number(3, 60):x}", read.ToString());
    }

    [Fact]
    public void A_place_goes_back_in_no_stream()
    {
        var place = new StreamPlace([10], from: 0);
        place.Pass(5);
        Assert.Equal([10], place.Last);

        var copy = place.Copy();
        copy.Pass(20);
        Assert.Equal([10], place.Last);
        place.Become(copy);
        Assert.Equal([20], place.Last);
    }

    [Theory]
    [InlineData("", 1)]
    [InlineData("s.", 1)]
    [InlineData("s.-1", 1)]
    [InlineData("s.g", 1)]
    [InlineData("s. 1", 1)]
    [InlineData("s.1_0.1", 1)]
    [InlineData("s.ffffffffffffffff", 1)]
    [InlineData("s.11111111111111111", 1)]
    [InlineData("r.1", 1)]
    [InlineData("s.1", 64)]
    [InlineData("r.1_64.1", 64)]
    [InlineData("r.1_2.1_2.1", 64)]
    [InlineData("r.1_3.1_2.1", 64)]
    [InlineData("r.1_-1.1", 64)]
    [InlineData("r.1_2", 64)]
    [InlineData("r.1_2.1.1", 64)]
    [InlineData("r.7fffffffffffffff_2.1", 64)]
    public void Another_text_is_no_place(string text, int streams) => Assert.Null(StreamPlace.TryParse(text, streams));

    [Fact]
    public void A_text_that_is_too_long_is_no_place() => Assert.Null(StreamPlace.TryParse("s." + new string('0', StreamPlace.MaxLength), 1));

    private static long Number(int second, int stream) => (second * Second) | ((long)stream << 16);
}
