using System.Collections.Concurrent;
using System.Net.Sockets;
using Microsoft.Extensions.Hosting.Systemd;
using ServiceDefaults.Watching;

namespace Tests.ServiceDefaults;

public sealed class WatchdogTests : IDisposable
{
    private static readonly TimeSpan Time = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(20);

    private readonly TestClock _clock = new();
    private readonly CapturedLog _log = new();
    private readonly Notifier _systemd = new();

    public void Dispose() => _log.Dispose();

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task It_pings_at_once_and_three_times_in_its_time()
    {
        await using var watchdog = Start();
        for (var pings = 1; pings <= 4; pings++)
        {
            await Waiting.Until(() => _systemd.Pings == pings);
            _clock.Advance(Interval);
        }

        await Waiting.Until(() => _systemd.Pings == 5);
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task A_part_that_does_not_answer_keeps_the_ping_back_and_is_named()
    {
        var answer = new TaskCompletionSource();
        await using var watchdog = Start(new WatchedPart("well", () => Task.CompletedTask), new WatchedPart("ill", () => answer.Task));

        // The timer of the pings is the first wait of this length, that for the part the second.
        await _clock.Pass(Interval, count: 2);
        await Waiting.Until(() => _log.Of("a part of the service does not answer: systemd will restart the service").Any());
        Assert.Equal("ill", Assert.Single(_log.Errors).Values["part"]);
        _clock.Advance(Time);
        Assert.Equal(0, _systemd.Pings);

        answer.SetResult();
        await Waiting.Until(() => _systemd.Pings >= 1);
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task A_ping_that_does_not_get_through_is_a_warning_and_the_next_one_goes()
    {
        _systemd.IsAway = true;
        await using var watchdog = Start();
        await Waiting.Until(() => _log.Of("the watchdog was not pinged").Any());

        _systemd.IsAway = false;
        _clock.Advance(Interval);
        await Waiting.Until(() => _systemd.Pings == 1);
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task After_its_end_it_pings_no_more()
    {
        var watchdog = Start();
        await Waiting.Until(() => _systemd.Pings == 1);

        await watchdog.DisposeAsync();
        await watchdog.DisposeAsync();
        _clock.Advance(Time);

        Assert.Equal(1, _systemd.Pings);
    }

    [Theory]
    [InlineData("60000000", null, 60)]
    [InlineData("60000000", "", 60)]
    [InlineData("60000000", "own", 60)]
    [InlineData("60000000", "1", null)]
    [InlineData(null, null, null)]
    [InlineData("", null, null)]
    [InlineData("0", null, null)]
    [InlineData("-1", null, null)]
    [InlineData("soon", null, null)]
    [InlineData("9223372036854775807", null, null)]
    public void Its_time_is_that_of_the_environment(string? time, string? process, int? seconds)
    {
        var found = Watchdog.TimeOf(name => name == "WATCHDOG_USEC" ? time : process == "own" ? $"{Environment.ProcessId}" : process);
        Assert.Equal(seconds, (int?)found?.TotalSeconds);
    }

    private Watchdog Start(params WatchedPart[] parts)
    {
        var watchdog = new Watchdog(parts, _clock, _log.For<Watchdog>(), _systemd);
        watchdog.Start(Time);
        return watchdog;
    }

    private sealed class Notifier : ISystemdNotifier
    {
        private readonly ConcurrentQueue<ServiceState> _states = new();

        public bool IsEnabled => true;

        public bool IsAway { get; set; }

        public int Pings => _states.Count;

        public void Notify(ServiceState state)
        {
            Assert.Equal("WATCHDOG=1", state.ToString());
            if (IsAway)
            {
                throw new SocketException((int)SocketError.ConnectionRefused);
            }

            _states.Enqueue(state);
        }
    }
}
