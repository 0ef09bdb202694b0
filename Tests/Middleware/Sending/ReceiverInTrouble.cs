using System.Globalization;
using Middleware.Endpoints;
using Middleware.Events;
using Tests.Middleware.Delivering;

namespace Tests.Middleware.Sending;

public class ReceiverInTrouble
{
    private readonly TestClock _clock = new();

    [Fact]
    public async Task Deliveries_caught_between_their_tries_go_back_and_each_is_delivered_once_when_the_receiver_is_well()
    {
        await using var receiver = new Receiver([.. Enumerable.Repeat(Receiver.Answer(503), 21), Receiver.Answer(200)]);
        await using var sender = new Sender(_clock);
        await using var stage = new LaneStage(Sender.Endpoint(receiver.Url, maxRetries: 3) with { Workers = 10 }, _clock, sender.Client);
        await stage.Start();
        var accepted = await stage.Accept(30);

        // The second try of the tenth is the twentieth in all.
        await _clock.Pass(TimeSpan.FromMilliseconds(500), count: 10);
        await Waiting.Until(() => stage.Log.Of("delivery waits again").Count() == 10);
        Assert.Equal((20, 30, CircuitState.Open), (receiver.Requests.Count, stage.Pending, stage.State));

        var tries = stage.Circuits.TriesOf(EndpointId.Default);
        Assert.Equal((20, 20, 20), (tries.Tries, tries.Failures, tries.FailuresInARow));

        await _clock.Pass(TimeSpan.FromSeconds(15));
        await _clock.WaitBegun(TimeSpan.FromSeconds(30));
        Assert.Equal((21, 30), (receiver.Requests.Count, stage.Pending));

        _clock.Advance(TimeSpan.FromSeconds(30));
        await Waiting.Until(() => stage.Pending == 0);
        var ids = receiver.Requests.Select(request => request["webhook-id"].Single()).ToList();
        Assert.Equal([accepted[0].IdText, accepted[1].IdText], ids[20..22]);
        Assert.Equal(accepted.Select(one => one.IdText).Order(), ids[21..].Order());

        // The numbers go on: ten were tried twice, one of them a third time as a probe.
        foreach (var (one, number) in accepted.Select((one, index) => (one, index switch { 0 => 4, < 10 => 3, _ => 1 })))
        {
            Assert.Equal(Enumerable.Range(1, number), receiver.Requests.Where(request => request["webhook-id"].Single() == one.IdText)
                .Select(request => int.Parse(request["X-Delivery-Attempt"].Single(), CultureInfo.InvariantCulture)));
        }

        Assert.Empty(stage.Log.Errors);
        Assert.Equal(CircuitState.Closed, stage.State);
    }
}
