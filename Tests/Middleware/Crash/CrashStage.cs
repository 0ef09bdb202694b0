using Tests.Hosting;

namespace Tests.Middleware.Crash;

/// <summary>A data folder, a receiver, a seed for what happens at random, and the wait for what must happen.</summary>
internal sealed class CrashStage : IAsyncDisposable
{
    /// <summary>The time limit of a whole test in ms.</summary>
    public const int TestLimit = 180_000;

    /// <summary>How many deliveries run at once.</summary>
    public const int Workers = 10;

    private readonly TemporaryDirectory _data = new();

    private CrashStage(CountingReceiver receiver, int seed) => (Receiver, Random, Seed) = (receiver, new Random(seed), seed);

    public CountingReceiver Receiver { get; }

    public Random Random { get; }

    public int Seed { get; }

    public string Folder => _data.Path;

    public string LockFile => StoredFile.PathIn(Folder) + ".lock";

    public static async Task<CrashStage> SetAsync()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has neither SIGKILL nor SIGTERM.");
        var given = Environment.GetEnvironmentVariable("CRASH_SEED");
        var seed = given is null ? (int)(TimeProvider.System.GetTimestamp() & int.MaxValue) : int.Parse(given, null);
        var stage = new CrashStage(await CountingReceiver.StartAsync(), seed);
        Say($"CRASH_SEED={seed}");
        return stage;
    }

    public Task<ServiceProcess> StartAsync(params IEnumerable<string> settings) => MiddlewareProcess.StartAsync(Folder, Receiver.Address, settings);

    public ServiceProcess Begin(params IEnumerable<string> settings) => MiddlewareProcess.Begin(Folder, Receiver.Address, settings);

    public static void Say(string text) => TestContext.Current.TestOutputHelper!.WriteLine(text);

    public Task RandomMomentAsync(int mostMilliseconds) =>
        Task.Delay(TimeSpan.FromMilliseconds(Random.NextDouble() * mostMilliseconds), TimeProvider.System, TestContext.Current.CancellationToken);

    /// <summary>Looks until it is so; the test's own time limit ends it.</summary>
    public static async Task UntilAsync(Func<bool> isSo)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(2), TimeProvider.System);
        while (!isSo())
        {
            await timer.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Starts it once more, waits until all is delivered, stops it in order and reads what it left.</summary>
    public async Task<StoredFile> SettleAsync(IReadOnlyCollection<string> accepted)
    {
        using (var service = await StartAsync())
        {
            await UntilAsync(() => accepted.All(Receiver.Received.Contains));
            await UntilAsync(() => StoredFile.Number(Folder, "SELECT COUNT(*) FROM pending") == 0);
            Assert.Equal(0, await service.StopAsync());
        }

        return StoredFile.Read(Folder);
    }

    public async ValueTask DisposeAsync()
    {
        await Receiver.DisposeAsync();
        _data.Dispose();
    }
}
