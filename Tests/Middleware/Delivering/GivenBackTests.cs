using Middleware.Delivering;
using Middleware.Events;

namespace Tests.Middleware.Delivering;

public sealed class GivenBackTests : IDisposable
{
    private static readonly TestClock Clock = new();
    private readonly Circuit _circuit = new(Clock, Waiting.Cancellation);
    private readonly GivenBack _givenBack = new(new LaneDemand(), Clock);

    /// <summary>The next one of a backlog without end.</summary>
    private Delivery _head = Made.Delivery(1);

    public void Dispose() => _circuit.Dispose();

    [Fact]
    public void Probes_that_failed_are_held_up_to_a_bound_and_then_take_turns()
    {
        var probes = Enumerable.Range(0, 100).Select(_ => Probe()).ToList();

        Assert.Equal(Enumerable.Range(0, 100).Select(number => ((long)(number % GivenBack.MostProbes) + 1, number >= GivenBack.MostProbes)), probes);
        Assert.Equal(GivenBack.MostProbes + 1, _head.Sequence);
    }

    [Fact]
    public void What_is_more_urgent_than_those_that_failed_is_the_next_probe()
    {
        _ = Enumerable.Range(0, 100).Select(_ => Probe()).ToList();
        _head = Made.Delivery(1_000, Priority.Critical);

        Assert.Equal((1_000, false), Probe());
    }

    [Fact]
    public void Those_that_failed_as_probes_go_in_their_order_when_all_go_on()
    {
        _ = Enumerable.Range(0, 3).Select(_ => Probe()).ToList();

        var taken = Enumerable.Range(0, 4).Select(_ => _givenBack.TryTakeBefore(_head, new CircuitPass(_circuit, isProbe: false, Waiting.Cancellation))?.First.Sequence).ToList();

        Assert.Equal([1, 2, 3, null], taken);
    }

    /// <summary>Has the next probe fail, and says whether it took its turn.</summary>
    private (long Sequence, bool IsTurn) Probe()
    {
        var pass = new CircuitPass(_circuit, isProbe: true, Waiting.Cancellation);
        if (_givenBack.TryTakeBefore(_head, pass) is not { } shipment)
        {
            shipment = Shipment.Of(_head);
            _head = Made.Delivery(_head.Sequence + 1);
        }

        _givenBack.Add(shipment, wasProbe: true);
        return (shipment.First.Sequence, pass.IsTurn);
    }
}
