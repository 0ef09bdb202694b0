using Middleware.Storage.Sqlite;

namespace Tests.Middleware.Crash;

/// <summary>Two versions after this program's schema, with points at which a migration can be caught, and the process that migrates to them.</summary>
internal static class LaterSchema
{
    private const string FillsAColumn =
        """
        ALTER TABLE events ADD COLUMN region TEXT;
        SELECT reached('first begun');
        UPDATE events SET region = 'region-' || seq;
        SELECT reached('first filled');
        """;

    private const string MovesATable =
        """
        CREATE TABLE moved AS SELECT seq, id, region, payload FROM events;
        SELECT reached('second copied');
        DROP TABLE events;
        ALTER TABLE moved RENAME TO events;
        SELECT reached('second renamed');
        """;

    private const string Folder = "MIGRATES_FOLDER";
    private const string Point = "MIGRATES_UP_TO";

    public static IReadOnlyList<string> Scripts { get; } = [.. SchemaMigration.Scripts, FillsAColumn, MovesATable];

    /// <summary>Each point, and how many scripts are committed when it is reached.</summary>
    public static IReadOnlyDictionary<string, int> Points { get; } = new Dictionary<string, int>
    {
        ["first begun"] = Scripts.Count - 2,
        ["first filled"] = Scripts.Count - 2,
        ["second copied"] = Scripts.Count - 1,
        ["second renamed"] = Scripts.Count - 1,
    };

    /// <summary>Brings the store in a folder to a version, as a start does.</summary>
    public static void Migrate(string folder, int version, Action<string>? reached = null)
    {
        using var file = StoreFile.Open(folder);
        using var connection = file.OpenWriter();
        connection.CreateFunction("reached", (string point) =>
        {
            reached?.Invoke(point);
            return 0;
        });
        SchemaMigration.Run(connection, [.. Scripts.Take(version)]);
    }

    /// <summary>Begins a process that migrates to the last version and says each point as it comes there; it stays at <paramref name="point"/>.</summary>
    public static ServiceProcess Begin(CrashStage stage, string folder, string? point = null) =>
        stage.Begin($"DOTNET_STARTUP_HOOKS={typeof(StartupHook).Assembly.Location}", $"{Folder}={folder}", $"{Point}={point}");

    /// <summary>The work of that process.</summary>
    public static void Run()
    {
        Migrate(Environment.GetEnvironmentVariable(Folder)!, Scripts.Count, static point =>
        {
            System.Console.WriteLine(point);
            if (point == Environment.GetEnvironmentVariable(Point))
            {
                using var never = new ManualResetEvent(initialState: false);
                never.WaitOne();
            }
        });
        Environment.Exit(0);
    }
}
