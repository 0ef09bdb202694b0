using System.Globalization;
using Middleware.Endpoints;
using Middleware.Events;
using Tests.Middleware.Delivering;

namespace Tests.Middleware.Sending;

/// <summary>Batches that are larger than their receiver takes, which it does not read to their end.</summary>
public class LargeBatches
{
    private const int Events = 4;
    private const int Size = 1_040_000;
    private const string TooLarge = "HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n";

    private readonly TestClock _clock = new() { Hurried = Sender.Pauses };

    [Theory]
    [InlineData(TooLarge, Ending.Ends, 1)]
    [InlineData(TooLarge, Ending.Breaks, 1)]
    [InlineData("", Ending.Ends, 2)]
    [InlineData("", Ending.Breaks, 2)]
    public async Task Are_halved_until_all_is_delivered(string said, Ending ending, int triesOfEach)
    {
        Receiver receiver = null!;
        await using var refusing = receiver = new Receiver(async (socket, stop) =>
            await (LengthOf(receiver.Requests[^1]) > receiver.MaxBody ? Receiver.Play(said, ending) : Receiver.Answer(200))(socket, stop))
        {
            MaxBody = Size * 3 / 2,
        };
        await using var sender = new Sender(_clock);
        var endpoint = Sender.Endpoint(receiver.Url, maxRetries: 3) with { Workers = 1, Batch = new BatchPlan(Events, TimeSpan.FromSeconds(5)) };
        sender.Endpoints.Set(endpoint);
        await using var stage = new LaneStage(endpoint, _clock, sender.Client);
        await stage.Start();

        await stage.Accept(Events, payload: $$"""{"message":"{{new string('x', Size)}}"}""");
        await Waiting.Until(() => stage.Log.Of("event delivered").Count() == Events);

        var sizes = receiver.Requests.CountBy(static request => LengthOf(request) / Size).OrderByDescending(static size => size.Key).Select(static size => (size.Key, size.Value));
        Assert.Equal([(4, triesOfEach), (2, 2 * triesOfEach), (1, 4)], sizes);
        Assert.Empty(stage.Log.Errors);
    }

    [Fact]
    public async Task That_are_cut_many_at_once_are_halved_and_leave_the_circuit_closed()
    {
        var client = new FakeDeliveryClient
        {
            AnswerBatch = static batch => batch.Deliveries.Sum(static delivery => delivery.Event.Payload.Length) > 300_000
                ? Made.Attempt(null, FailureReason.ConnectionReset)
                : Made.Delivered(),
        };
        var endpoint = Made.Endpoint(workers: 8) with { Retries = new RetryPlan(TimeSpan.FromSeconds(3), 3, TimeSpan.FromSeconds(1)), Batch = new BatchPlan(16, TimeSpan.FromSeconds(5)) };
        await using var stage = new LaneStage(endpoint, _clock, client);
        await stage.Start();

        await stage.Accept(count: 16 * 8, payload: $$"""{"message":"{{new string('x', 60_000)}}"}""");

        await Waiting.Until(() => stage.Pending == 0);
        Assert.Empty(stage.Log.Of("circuit opened: its deliveries wait"));
        Assert.Empty(stage.Log.Errors);
    }

    private static int LengthOf(ReceivedRequest request) => int.Parse(request["Content-Length"].Single(), CultureInfo.InvariantCulture);
}
