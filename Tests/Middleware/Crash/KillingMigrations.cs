using Middleware.Storage.Sqlite;

namespace Tests.Middleware.Crash;

[Trait("Speed", "Slow")]
public class KillingMigrations
{
    /// <summary>More than the writer's cache holds, so that a migration writes to the log before its commit.</summary>
    private const string Fill =
        """
        WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 5000)
        INSERT INTO events (seq, id, correlation_id, source, event_type, priority, accepted_at, endpoints, payload)
        SELECT n, randomblob(16), 'c', 's', 't', 0, n, 1, randomblob(4000) FROM numbers
        """;

    [Fact(Timeout = CrashStage.TestLimit)]
    public async Task A_migration_that_is_killed_leaves_the_version_before_it_entire()
    {
        await using var stage = await CrashStage.SetAsync();
        using var versions = new Versions();

        foreach (var (point, committed) in LaterSchema.Points)
        {
            using var process = LaterSchema.Begin(stage, versions.Folder, point);
            await Waiting.WithinTheTest(() => process.Output.Contains(point));
            await process.KillAsync();

            Assert.Equal(versions.Entire[committed], ReadCopy(versions.Folder));
        }

        using var last = LaterSchema.Begin(stage, versions.Folder);
        Assert.Equal(0, await last.ExitCodeAsync());
        Assert.Equal(versions.Entire[LaterSchema.Scripts.Count], ReadCopy(versions.Folder));
    }

    [Fact(Timeout = CrashStage.TestLimit)]
    public async Task A_kill_about_a_commit_leaves_one_version_or_the_other_and_the_next_start_goes_on()
    {
        await using var stage = await CrashStage.SetAsync();
        using var versions = new Versions();
        for (var round = 1; round <= 4; round++)
        {
            using var folder = StoredFile.Copy(versions.Folder);
            var point = round % 2 == 1 ? "first filled" : "second renamed";
            using (var process = LaterSchema.Begin(stage, folder.Path))
            {
                await Waiting.WithinTheTest(() => process.Output.Contains(point));
                await stage.RandomMomentAsync(50);
                await process.KillAsync();
            }

            var left = versions.Entire.SingleOrDefault(version => version.Value == ReadCopy(folder.Path)).Key;
            Assert.InRange(left, LaterSchema.Points[point], LaterSchema.Scripts.Count);
            CrashStage.Say($"round {round}: killed after \"{point}\", version {left} is left");

            using var next = LaterSchema.Begin(stage, folder.Path);
            Assert.Equal(0, await next.ExitCodeAsync());
            Assert.Equal(versions.Entire[LaterSchema.Scripts.Count], ReadCopy(folder.Path));
        }
    }

    private static string ReadCopy(string folder)
    {
        using var copy = StoredFile.Copy(folder);
        return StoredFile.Digest(copy.Path);
    }

    /// <summary>A store of this program's version with events in it, and what every version of it is when nothing disturbs.</summary>
    private sealed class Versions : IDisposable
    {
        private readonly TemporaryDirectory _folder = new();

        public Versions()
        {
            LaterSchema.Migrate(Folder, SchemaMigration.Scripts.Count);
            StoredFile.Execute(Folder, Fill);
            for (var version = SchemaMigration.Scripts.Count; version <= LaterSchema.Scripts.Count; version++)
            {
                using var copy = StoredFile.Copy(Folder);
                LaterSchema.Migrate(copy.Path, version);
                Entire[version] = StoredFile.Digest(copy.Path);
            }
        }

        public string Folder => _folder.Path;

        public Dictionary<int, string> Entire { get; } = [];

        public void Dispose() => _folder.Dispose();
    }
}
