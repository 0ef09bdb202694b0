using Tests.Middleware.Storage;

namespace Tests.Middleware.Crash;

/// <summary>A data folder, a receiver, a seed for what happens at random, and the wait for what must happen.</summary>
internal sealed class CrashStage : IAsyncDisposable
{
    /// <summary>The time limit of a whole test in ms.</summary>
    public const int TestLimit = 180_000;

    /// <summary>The number of deliveries that run at once.</summary>
    public const int Workers = 10;

    private const string Project = "Middleware.Api";

    private readonly StoreFolder _data = new();

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

    public Task<ServiceProcess> StartAsync(params IEnumerable<string> settings) => StartAsync(Folder, Receiver.Address, settings);

    public ServiceProcess Begin(params IEnumerable<string> settings) => Begin(Folder, Receiver.Address, settings);

    /// <summary>Starts the middleware on a data folder that outlives it, and waits until it listens.</summary>
    public static Task<ServiceProcess> StartAsync(string folder, Uri receiver, params IEnumerable<string> settings) =>
        ServiceProcess.StartAsync(Project, Settings(folder, receiver, settings));

    /// <summary>Starts it and waits for nothing.</summary>
    public static ServiceProcess Begin(string folder, Uri receiver, params IEnumerable<string> settings) =>
        ServiceProcess.Begin(Project, Settings(folder, receiver, settings));

    public static void Say(string text) => TestContext.Current.TestOutputHelper!.WriteLine(text);

    public Task RandomMomentAsync(int mostMilliseconds) =>
        Task.Delay(TimeSpan.FromMilliseconds(Random.NextDouble() * mostMilliseconds), TimeProvider.System, TestContext.Current.CancellationToken);

    /// <summary>Starts it once more, waits until all is delivered, stops it in order and reads what it left: every event has ended, exactly once.</summary>
    public async Task<StoredFile> SettleAsync(IReadOnlyCollection<string> accepted)
    {
        using (var service = await StartAsync())
        {
            await Waiting.WithinTheTest(() => accepted.All(Receiver.Received.Contains));
            await Waiting.WithinTheTest(() => StoredFile.Number(Folder, "SELECT COUNT(*) FROM pending") == 0);
            Assert.Equal(0, await service.StopAsync());
        }

        var stored = StoredFile.Read(Folder);
        stored.AssertAllEnded(accepted);
        return stored;
    }

    public async ValueTask DisposeAsync()
    {
        await Receiver.DisposeAsync();
        _data.Dispose();
    }

    private static IEnumerable<string> Settings(string folder, Uri receiver, IEnumerable<string> settings) =>
        [.. StoreFolder.Settings(folder), $"EXTERNAL_ENDPOINT_URL={receiver}", "QUEUE_SIZE=1000000", .. settings];
}
