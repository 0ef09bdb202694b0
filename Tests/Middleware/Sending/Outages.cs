using System.Net.Sockets;
using Middleware.Delivering;
using Middleware.Endpoints;
using Middleware.Events;
using Middleware.Sending;
using Tests.Middleware.Delivering;

namespace Tests.Middleware.Sending;

/// <summary>The ordinary outage over real sockets: a receiver fails until its circuit opens, fails the probe too, and is well again.</summary>
public sealed class Outages
{
    private const int Events = 30;
    private const int Workers = 10;

    /// <summary>More than a try has.</summary>
    private const int PausesOfATry = 100;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly TestClock _clock = new();
    private volatile bool _isWell;

    public enum Kind
    {
        Refused,
        Reset,
        Dropped,
        UnknownName,
        NoTls,
        Silent,
        Status503,
    }

    public static TheoryData<Kind, bool> All { get; } = [.. Enum.GetValues<Kind>().SelectMany(static kind => new[] { (kind, false), (kind, true) })];

    [Theory]
    [MemberData(nameof(All))]
    public async Task Everything_accepted_arrives_when_the_receiver_is_well(Kind kind, bool inBatches)
    {
        await using var receiver = new Receiver(async (socket, stop) => await (_isWell ? Receiver.Answer(200) : Answer(kind))(socket, stop));
        await using var sender = new Sender(_clock, Resolver(kind), ("ALLOWED_NETWORKS", "127.0.0.0/8"));
        var endpoint = Sender.Endpoint(new Uri($"{(kind == Kind.NoTls ? "https" : "http")}://receiver.example:{receiver.Url.Port}/"), maxRetries: 10) with
        {
            Id = new EndpointId("ep_1"),
            Workers = Workers,
            Batch = inBatches ? new BatchPlan(Events / Workers, TimeSpan.Zero) : null,
        };
        sender.Endpoints.Set(endpoint);
        await using var stage = new LaneStage(endpoint, _clock, sender.Client);
        await stage.Start();
        await stage.Accept(Events);

        await Opened(stage, times: 1, kind);
        _clock.Advance(Circuit.ShortestOpening);
        await Opened(stage, times: 2, kind);
        _isWell = true;
        if (kind == Kind.NoTls)
        {
            // A certificate for it cannot be had here: it is well at another address.
            var moved = endpoint with { Url = new Uri($"http://receiver.example:{receiver.Url.Port}/") };
            sender.Endpoints.Set(moved);
            stage.Endpoints.Set(moved);
        }

        _clock.Advance(2 * Circuit.ShortestOpening);

        // An attempt that was under way may open the circuit once more. One that is not answered takes its time first.
        var left = IsSilent(kind) ? PausesOfATry : 0;
        await Waiting.Until(() =>
        {
            if (stage.Circuits.StateOf(endpoint.Id) == CircuitState.Open)
            {
                _clock.Advance(2 * Circuit.ShortestOpening);
            }
            else if (left-- > 0)
            {
                _clock.Advance(Pause);
            }

            return stage.Pending == 0;
        });

        // The lines follow the record.
        await Waiting.Until(() => stage.Log.Of("event delivered").Count() == Events);
        Assert.Empty(stage.Log.Errors);
        Assert.Equal(CircuitState.Closed, stage.Circuits.StateOf(endpoint.Id));
    }

    private static Func<Socket, CancellationToken, Task<bool>> Answer(Kind kind) => kind switch
    {
        Kind.Reset => Receiver.Reset,
        Kind.Dropped => Receiver.Drop,
        Kind.Silent => Receiver.Hang,
        _ => Receiver.Answer(503),
    };

    /// <summary>True where tries do not end by themselves: as this receiver sees it, a greeting of TLS may be half a request.</summary>
    private static bool IsSilent(Kind kind) => kind is Kind.Silent or Kind.NoTls;

    /// <summary>At another address of this machine nobody listens.</summary>
    private HostResolver Resolver(Kind kind) => (_, _) => kind == Kind.UnknownName && !_isWell
        ? throw new SocketException((int)SocketError.HostNotFound)
        : Task.FromResult<IPAddress[]>([IPAddress.Parse(kind == Kind.Refused && !_isWell ? "127.0.0.2" : "127.0.0.1")]);

    /// <summary>Lets the time go on until the circuit has opened so often and every worker waits for it.</summary>
    private async Task Opened(LaneStage stage, int times, Kind kind)
    {
        await Waiting.Until(() =>
        {
            _clock.Advance(IsSilent(kind) ? Pause : TimeSpan.FromMilliseconds(10));
            return stage.Log.Of("circuit opened: its deliveries wait").Count() == times;
        });

        // Each worker had a shipment, and the probe was one of them once more. What is not answered takes its time still.
        var left = IsSilent(kind) ? PausesOfATry : 0;
        await Waiting.Until(() =>
        {
            _clock.Advance(left-- > 0 ? Pause : TimeSpan.Zero);
            return stage.Log.Of("delivery waits again").Count() == Workers + times - 1;
        });
    }
}
