using Microsoft.Extensions.Logging;
using Middleware.Delivering;
using Middleware.Endpoints;
using Middleware.Events;

namespace Tests.Middleware.Delivering;

public sealed class OpenCircuit : OnALane
{
    private const string GivenBack = "delivery waits again";
    private const int GivenBackProbes = global::Middleware.Delivering.GivenBack.MostProbes;
    private static readonly TimeSpan Opening = TimeSpan.FromSeconds(15);

    public OpenCircuit() => Client.Answer = _ => Made.Failed();

    [Fact]
    public async Task What_waits_is_sent_when_a_probe_succeeded()
    {
        var stage = await Open(workers: 1, accepted: 50);
        Assert.Equal((20, 30, 2), (Client.Sent.Count, stage.Pending, stage.Gauge()));
        var critical = Assert.Single(await stage.Accept(1, Priority.Critical));

        Client.Answer = _ => Made.Delivered();
        Client.Hold();
        Clock.Advance(Opening);
        await Waiting.Until(() => Client.Running == 1);
        Assert.Equal((21, CircuitState.HalfOpen, 1), (Client.Sent.Count, stage.State, stage.Gauge()));
        Assert.Same(critical, Client.Sent[20].Event);

        Client.Release();
        await Waiting.Until(() => stage.Pending == 0);
        Assert.Equal((CircuitState.Closed, 0), (stage.State, stage.Gauge()));
        Assert.Equal(51, Client.Sent.Count);
        Assert.Equal(LogLevel.Information, Assert.Single(stage.Log.Of("circuit closed: deliveries go on")).Level);
    }

    [Fact]
    public async Task An_opening_is_told_and_logged_with_its_reasons()
    {
        var told = new List<(EndpointId, double)>();
        var stage = await Start(Made.Endpoint());
        stage.Circuits.Opened += (endpoint, opening) => told.Add((endpoint, opening.OpenFor.TotalSeconds));
        await stage.Accept(20);
        await Waiting.Until(() => stage.Pending == 0);

        var line = Assert.Single(stage.Log.Of("circuit opened: its deliveries wait"));
        Assert.Equal(LogLevel.Warning, line.Level);
        Assert.Equal(("default", 15d, 20, "http_500 20"), (line.Values["endpoint"], line.Values["seconds"], line.Values["tries"], line.Values["failures"]));
        Assert.Equal([(EndpointId.Default, 15)], told);
    }

    [Fact]
    public async Task Of_many_workers_one_probes_and_the_others_wait_for_it()
    {
        var stage = await Open(workers: 10, accepted: 100);
        var sent = Client.Sent.Count;

        Client.Hold();
        Clock.Advance(Opening);
        await Waiting.Until(() => Client.Running == 1);
        Client.Release();
        await Clock.WaitBegun(2 * Opening);

        Assert.Equal(sent + 1, Client.Sent.Count);
        Assert.Equal(CircuitState.Open, stage.State);

        Client.Answer = _ => Made.Delivered();
        Clock.Advance(2 * Opening);
        await Waiting.Until(() => stage.Pending == 0);
        Assert.Equal(100, Deliveries);
    }

    [Fact]
    public async Task A_delivery_that_its_receiver_stumbles_over_does_not_keep_the_circuit_open()
    {
        var stage = await GiveBack(accepted: 29);
        var poison = Assert.Single(await stage.Accept(1, Priority.Critical));
        Assert.Equal(30, stage.Pending);

        await Clock.Pass(Opening);
        await Clock.WaitBegun(2 * Opening);
        Assert.Same(poison, Client.Sent[^1].Event);

        Client.Answer = delivery => delivery.Event == poison ? Made.Failed() : Made.Delivered();
        Clock.Advance(2 * Opening);
        await Waiting.Until(() => stage.Pending == 1);
        Assert.Equal(1, Client.Sent[21].Sequence);
        Assert.Equal(CircuitState.Closed, stage.State);
        Assert.Empty(stage.Log.Errors);
    }

    [Fact]
    public async Task More_of_them_than_take_turns_do_not_keep_it_open_either()
    {
        var stage = await GiveBack(accepted: 29);
        var poison = (await stage.Accept(2 * GivenBackProbes, Priority.Critical)).ToHashSet();
        Client.Answer = delivery => poison.Contains(delivery.Event) ? Made.Failed() : Made.Delivered();

        await Waiting.Until(() =>
        {
            Clock.Advance(Circuit.LongestOpening);
            return Client.Sent.Count(sent => !poison.Contains(sent.Event)) >= 20 + 29;
        });
        await Waiting.Until(async () =>
        {
            Clock.Advance(Circuit.LongestOpening);
            if (stage.State != CircuitState.Closed && stage.Pending is > 0 and var pending && pending <= poison.Count)
            {
                // Alone they would be its probes for ever.
                await stage.Accept(1);
            }

            return stage.Pending == 0;
        });
    }

    [Fact]
    public async Task With_nothing_else_to_send_a_probe_that_failed_is_the_next_one_again()
    {
        var stage = await GiveBack(accepted: 20);
        var longest = TimeSpan.FromMinutes(5);
        for (var (probes, opening) = (0, Opening); probes < 21; probes++, opening = 2 * opening < longest ? 2 * opening : longest)
        {
            await Waiting.Until(() => stage.Log.Of(GivenBack).Count() == 20 + probes);
            await Clock.Pass(opening, count: Math.Max(1, probes - 4));
        }

        await Waiting.Until(() => stage.Log.Of(GivenBack).Count() == 41);
        Assert.Equal(Enumerable.Range(1, 20).Append(1).Select(number => (long)number), Client.Sent.Skip(20).Select(sent => sent.Sequence));
        Assert.Equal(20, stage.Pending);
        Assert.Empty(stage.Log.Errors);
    }

    [Fact]
    public async Task A_stop_ends_the_wait_and_what_a_durable_store_keeps_stays()
    {
        var store = new ListStore();
        var stage = await Start(Made.Endpoint(workers: 5), store);
        Client.Hold();
        store.Commit(40);
        Client.Release();
        await Clock.WaitBegun(Opening);

        await stage.StopAsync();

        Assert.Equal(40 - GivenUp(stage), stage.Pending);
        Assert.Empty(stage.Log.Of("a defect of the service"));
    }

    [Fact]
    public async Task A_drain_ends_with_its_time_out_and_counts_what_is_lost()
    {
        var stage = await Open(workers: 1, accepted: 50);

        var stopping = stage.StopAsync();
        await Clock.Pass(LaneStage.ShutdownTimeout);
        await stopping;
        await stage.DisposeAsync();

        // Those that were given up would have been tried again.
        Assert.Equal(20, Client.Sent.Count);
        Assert.Equal(30L + 20, Assert.Single(stage.Log.Errors, line => line.Values.ContainsKey("lost")).Values["lost"]);
    }

    [Fact]
    public async Task A_drain_goes_on_when_a_probe_succeeds_in_time()
    {
        var stage = await Open(workers: 3, accepted: 50);
        Clock.Advance(Opening - TimeSpan.FromSeconds(1));
        Client.Answer = _ => Made.Delivered();

        var stopping = stage.StopAsync();
        await Clock.WaitBegun(LaneStage.ShutdownTimeout);
        Clock.Advance(TimeSpan.FromSeconds(1));
        await stopping;

        Assert.Equal((0, 50), (stage.Pending, Deliveries));
    }

    [Fact]
    public async Task While_the_endpoint_is_disabled_nobody_probes()
    {
        var stage = await Open(workers: 3, accepted: 50);
        var sent = Client.Sent.Count;
        Client.Answer = _ => Made.Delivered();

        stage.Endpoints.Set(Made.Endpoint(workers: 3) with { Disabled = DisabledReason.Operator });
        Clock.Advance(Opening);
        Assert.Equal((sent, CircuitState.HalfOpen), (Client.Sent.Count, stage.State));

        stage.Endpoints.Set(Made.Endpoint(workers: 3));
        await Waiting.Until(() => stage.Pending == 0);
        Assert.Equal(50, Deliveries);
    }

    [Fact]
    public async Task Another_URL_has_a_circuit_of_its_own()
    {
        var stage = await Open(workers: 3, accepted: 50);
        Client.Answer = _ => Made.Delivered();

        stage.Endpoints.Set(Made.Endpoint(workers: 3, queueSize: 900));
        Assert.Equal(CircuitState.Open, stage.State);
        stage.Endpoints.Set(Made.Endpoint(workers: 3, url: new Uri("http://other.test/")));

        Assert.Equal(CircuitState.Closed, stage.State);
        await Waiting.Until(() => stage.Pending == 0);
        Assert.Equal(50, Deliveries);
    }

    [Fact]
    public async Task An_endpoint_can_be_removed()
    {
        var stage = await Open(workers: 3, accepted: 50);
        var sent = Client.Sent.Count;

        stage.Endpoints.Remove(EndpointId.Default);
        Clock.Advance(Opening);
        await stage.StopAsync();

        Assert.Equal((sent, CircuitState.Closed), (Client.Sent.Count, stage.State));
    }

    /// <summary>The number of different deliveries that were sent.</summary>
    private int Deliveries => Client.Sent.DistinctBy(static delivery => delivery.Sequence).Count();

    private static int GivenUp(LaneStage stage) => stage.Log.Of("failed to send event").Count();

    /// <summary>Starts, has everything fail, and returns when the lane waits.</summary>
    private async Task<LaneStage> Open(int workers, int accepted)
    {
        var stage = await Start(Made.Endpoint(workers: workers));
        await stage.Accept(accepted);
        await Clock.WaitBegun(Opening);
        await Waiting.Until(() => stage.Busy == 0 && stage.Pending == accepted - GivenUp(stage));
        return stage;
    }

    /// <summary>Starts 20 workers, has everything fail, and returns when each has given one delivery back.</summary>
    private async Task<LaneStage> GiveBack(int accepted)
    {
        var stage = await Start(Made.Endpoint(workers: 20, retries: Made.Patient));
        await stage.Accept(accepted);
        await Waiting.Until(() => stage.Log.Of(GivenBack).Count() == 20);
        return stage;
    }
}
