using System.Collections.Concurrent;
using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Tests.Middleware.Crash;
using Tests.Middleware.Leaks;
using Tests.Middleware.Sending.Signing;
using Tests.Middleware.Storage.Copying;
using Tests.Middleware.Storage.Postgres;

namespace Tests.Middleware.Storage.AtRest;

/// <summary>The store of the last version without encryption, with its write-ahead log, as that version wrote it and a kill left it. <c>OlderStore/make</c> made it.</summary>
[RunsNatively]
[Trait("Speed", "Slow")]
public sealed partial class OpeningAnOlderStore
{
    private const int Version = 6;

    private static readonly string[] Settings =
    [
        $"MASTER_KEY={TestKeys.Lines("k1")}", "ENCRYPT_PAYLOADS=true", "EXTERNAL_ENDPOINT_URL=", "ALLOWED_NETWORKS=127.0.0.0/8", "MAX_RETRIES=0", "REDELIVERY_SCHEDULE=",
        "RETENTION=3650d", "DEAD_LETTER_RETENTION=3650d",
    ];

    [Fact(Timeout = CrashStage.TestLimit)]
    public async Task With_a_master_key_and_kills_in_the_middle_nothing_is_lost_and_nothing_stays_plain()
    {
        await using var stage = await CrashStage.SetAsync();
        var older = OlderStore.Unpack(stage.Folder);
        var canaries = older.Canaries();
        string[] all = ["answers", "canaries", "secret of deleted", "secret of held", "secret of limited", "secret of refused"];
        Assert.Equal(all, canaries.In(Canary.Files(stage.Folder)));

        for (var round = 1; round <= 6; round++)
        {
            using var process = stage.Begin(Settings);
            await stage.RandomMomentAsync(1_200);
            await process.KillAsync();
            CrashStage.Say($"killed with version {StoredFile.ReadCopyNumber(stage.Folder, "PRAGMA user_version")} after {process.Output.Count} lines");
        }

        var came = new ConcurrentQueue<Came>();
        await using var receiver = await ReceiveAsync(came);
        using var last = await stage.StartAsync(Settings);
        using var client = new MiddlewareClient(last.Address);
        await Waiting.WithinTheTest(() => canaries.In(Canary.Files(stage.Folder)).Length == 0);
        foreach (var (name, id) in older.Endpoints.Where(static endpoint => endpoint.Key is "held" or "limited"))
        {
            await client.Patch(id, $$$"""{"url":"{{{receiver.At(name)}}}","rate_limit":null,"enabled":true}""");
        }

        // While it was killed, each start found the limited endpoint closed once.
        var replay = await client.Ask(HttpMethod.Post, "/api/v1/replays", HttpStatusCode.Accepted, """{"of":"dead_letters","filter":{"reason":"connection_refused"}}""");
        await Waiting.SeeAsync(() => client.Get($"replays/{replay["id"]}"), static seen => (string?)seen["state"] == "completed", "the replay has ended");
        foreach (var (id, payload) in older.Payloads)
        {
            var seen = await client.LookWhenEnded(id);
            Assert.Equal(payload, MessageOf(seen["payload"]!.ToJsonString()));
            Assert.Equal(older.Responses.GetValueOrDefault(id, []), seen["attempts"]!.AsArray().Select(static attempt => (string?)attempt!["response"]).OfType<string>().Where(static text => text.Length > 0));
            Assert.Equal(older.Owed.Contains(id), came.Any(sent => sent.Payload == payload));
        }

        Assert.Equal(older.Payloads.Count, older.Payloads.Values.Distinct().Count());
        Assert.All(came, request => Assert.True(request.IsGenuine(older.Secrets[request.Name]) && request.Key == $"canary-header-{request.Name}", request.Name));
        Assert.Empty(canaries.In(Canary.Files(stage.Folder)));
        Assert.Equal(0, await last.StopAsync());
        Assert.Empty(canaries.In(Canary.Files(stage.Folder)));
        Assert.Equal(0, StoredFile.Number(stage.Folder, "SELECT COUNT(*) FROM pending"));
    }

    [Fact(Timeout = CrashStage.TestLimit)]
    public async Task It_gets_the_schema_of_the_program_before_it_is_copied_to_PostgreSQL()
    {
        await using var database = await PostgresDatabase.CreateAsync();
        using var folder = new TemporaryDirectory();
        var older = OlderStore.Unpack(folder.Path);

        var (code, output, errors) = await CopyStage.Copy(folder.Path, database.ConnectionString());

        Assert.True(code == 0, output + errors);
        using var target = await RunningMiddleware.StartAsync("RETENTION=3650d", "DEAD_LETTER_RETENTION=3650d", $"ConnectionStrings__events={database.ConnectionString()}");
        foreach (var (id, payload) in older.Payloads)
        {
            Assert.Equal(payload, MessageOf((await target.Client.Look(id))["payload"]!.ToJsonString()));
        }
    }

    private static Task<WebReceiver> ReceiveAsync(ConcurrentQueue<Came> came) => WebReceiver.StartAsync(async context =>
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        came.Enqueue(new Came(context.Request.Path.Value![1..], new HeaderDictionary(context.Request.Headers.ToDictionary()), body.ToArray()));
    });

    private static string MessageOf(string payload) => Message().Match(payload).Value;

    [GeneratedRegex("canary-payload-[a-z]+-[0-9]+")]
    private static partial Regex Message();

    /// <summary>The content of the older store, read by SQL before anything else opens it.</summary>
    /// <param name="Endpoints">Ids by names.</param>
    /// <param name="Secrets">Signing secrets by the names of endpoints.</param>
    /// <param name="Payloads">Messages by the ids of events.</param>
    /// <param name="Responses">The answers to the attempts, by the ids of events.</param>
    /// <param name="Owed">The ids of the events that wait for an endpoint, or were given up since it could not be reached.</param>
    private sealed record OlderStore(
        Dictionary<string, string> Endpoints, Dictionary<string, string> Secrets, Dictionary<string, string> Payloads, Dictionary<string, string[]> Responses, HashSet<string> Owed)
    {
        /// <summary>All that may not stay plain.</summary>
        public Canaries Canaries()
        {
            var canaries = new Canaries();
            canaries.Add("canaries", "canary-");
            canaries.Add("answers", "Not Found");
            foreach (var (name, secret) in Secrets)
            {
                canaries.AddKey($"secret of {name}", secret["whsec_".Length..]);
            }

            return canaries;
        }

        public static OlderStore Unpack(string folder)
        {
            using (var file = File.OpenRead(Path.Combine(AppContext.BaseDirectory, "Middleware/Storage/AtRest/OlderStore/6f11f88.tar.gz")))
            using (var archive = new GZipStream(file, CompressionMode.Decompress))
            {
                TarFile.ExtractToDirectory(archive, folder, overwriteFiles: false);
            }

            var lines = File.ReadAllLines(Path.Combine(folder, "endpoints.txt")).Select(static line => line.Split(' ')).ToList();
            File.Delete(Path.Combine(folder, "endpoints.txt"));
            using var copy = StoredFile.Copy(folder);
            using var connection = StoreSql.Open(StoredFile.PathIn(copy.Path));
            Assert.Equal(Version, StoreSql.Number(connection, "PRAGMA user_version"));
            return new OlderStore(
                lines.ToDictionary(static line => line[0], static line => line[1]),
                lines.ToDictionary(static line => line[0], static line => line[2]),
                Pairs("SELECT lower(hex(id)) || ' ' || CAST(payload AS TEXT) FROM events").ToDictionary(static pair => pair[0], static pair => MessageOf(pair[1])),
                Pairs("SELECT lower(hex(e.id)) || ' ' || CAST(a.response AS TEXT) FROM attempts a JOIN events e ON e.seq = a.seq WHERE a.response IS NOT NULL ORDER BY a.seq, a.number")
                    .GroupBy(static pair => pair[0], static pair => pair[1]).ToDictionary(static group => group.Key, static group => group.ToArray()),
                StoreSql.Texts(connection, "SELECT lower(hex(id)) FROM events WHERE source IN ('held', 'limited')").ToHashSet());

            IEnumerable<string[]> Pairs(string sql) => StoreSql.Texts(connection, sql).Select(static text => text.Split(' ', 2));
        }
    }

    /// <summary>A delivery as it came to the path of an endpoint's name.</summary>
    private sealed record Came(string Name, IHeaderDictionary Headers, byte[] Body)
    {
        public string Key => Headers["X-Key"].ToString();

        public string Payload => MessageOf(Encoding.UTF8.GetString(Body));

        public bool IsGenuine(string secret) => WebhookVerification.IsGenuine(
            secret, Headers["webhook-id"].ToString(), Headers["webhook-timestamp"].ToString(), Headers["webhook-signature"].ToString(), Body, TimeProvider.System.GetUtcNow());
    }
}
