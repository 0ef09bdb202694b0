using System.Diagnostics;
using System.Net.Http.Json;
using Bench.Serve;
using HdrHistogram;

namespace Bench.Processes;

/// <summary>The receiver, seen from the scenario: opens its gate and asks what came.</summary>
internal sealed class ReceiverProcess(ServiceProcess process) : IAsyncDisposable
{
    private static readonly TimeSpan Stalled = TimeSpan.FromSeconds(20);

    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(1);

    private readonly HttpClient _client = new() { BaseAddress = new Uri($"http://{process.Address}"), Timeout = TimeSpan.FromSeconds(10) };

    public Uri Target { get; } = new($"http://{process.Address}/external/alerts");

    /// <summary>For endpoints whose events are told apart, numbered from 0.</summary>
    public Uri TargetOf(int endpoint) => new($"{Target}/{endpoint}");

    /// <summary>Lets so many events through from now on, then closes again.</summary>
    public Task OpenAsync(long events, CancellationToken cancellationToken) => OpenAsync(events, TimeSpan.Zero, cancellationToken);

    /// <summary>The same, and answers each request only after so long.</summary>
    public Task OpenAsync(long events, TimeSpan delay, CancellationToken cancellationToken) =>
        TellAsync($"/control/gate?open_for={events}&delay_ms={delay.TotalMilliseconds:0}", cancellationToken);

    /// <summary>Refuses the events of one key in so many from now on.</summary>
    public Task RefuseAsync(int oneKeyIn, CancellationToken cancellationToken) => TellAsync($"/control/refuse?one_key_in={oneKeyIn}", cancellationToken);

    public async Task<ReceiverStats> StatsAsync(CancellationToken cancellationToken) =>
        await _client.GetFromJsonAsync(new Uri("/control/stats", UriKind.Relative), ReceiverJson.Default.ReceiverStats, cancellationToken)
            ?? throw new BenchException("the receiver says nothing");

    /// <summary>The ids of all events that came.</summary>
    public async Task<HashSet<UInt128>> IdsAsync(string folder, CancellationToken cancellationToken) =>
        EventTally.Load(await SavedAsync("ids", folder, cancellationToken));

    /// <summary>The latencies of the stamped events since the last call, in microseconds.</summary>
    public async Task<LongHistogram> LatenciesAsync(string folder, CancellationToken cancellationToken) =>
        LatencyTally.Load(await SavedAsync("latencies", folder, cancellationToken));

    /// <summary>Waits until nothing has come for a second, and at least so many different events have; at most until nothing has for 20 s.</summary>
    public Task<ReceiverStats> UntilQuietAsync(long unique, CancellationToken cancellationToken) =>
        UntilAsync((last, since) => since >= (last.Unique >= unique ? Quiet : Stalled), cancellationToken);

    /// <summary>Waits until the receiver is as described, or nothing has changed for 20 s.</summary>
    public Task<ReceiverStats> UntilAsync(Func<ReceiverStats, bool> reached, CancellationToken cancellationToken) =>
        UntilAsync((last, since) => reached(last) || since >= Stalled, cancellationToken);

    private async Task<ReceiverStats> UntilAsync(Func<ReceiverStats, TimeSpan, bool> isOver, CancellationToken cancellationToken)
    {
        var (last, since) = (await StatsAsync(cancellationToken), Stopwatch.GetTimestamp());
        while (!isOver(last, Stopwatch.GetElapsedTime(since)))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, cancellationToken);
            var now = await StatsAsync(cancellationToken);
            (last, since) = (now, now == last ? since : Stopwatch.GetTimestamp());
        }

        return last;
    }

    /// <summary>Has the receiver write what it knows to a file, and answers its path.</summary>
    private async Task<string> SavedAsync(string what, string folder, CancellationToken cancellationToken)
    {
        var path = Path.Combine(folder, $"{what}-{process.Address.Port}");
        await TellAsync($"/control/{what}?to={Uri.EscapeDataString(path)}", cancellationToken);
        return path;
    }

    private async Task TellAsync(FormattableString what, CancellationToken cancellationToken)
    {
        using var response = await _client.PostAsync(new Uri(FormattableString.Invariant(what), UriKind.Relative), null, cancellationToken);
        response.EnsureSuccessStatusCode();
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await process.DisposeAsync();
    }
}
