using Middleware.Storage;
using Middleware.Storage.AtRest;
using Middleware.Storage.Sqlite;
using ServiceDefaults;
using Tests.Middleware.Crash;

namespace Tests.Middleware.Storage.AtRest;

/// <summary>Another master key in the place of one of before.</summary>
[Trait("Store", "Any")]
public sealed class RotatingMasterKeys : IDisposable
{
    private const string Masters = "SELECT master FROM data_keys ORDER BY id";

    private readonly StoreFolder _data = new();

    private string Database => StoredFile.PathIn(_data.Path);

    private string Place => StoreFolder.PlaceOf(_data.Path);

    public void Dispose() => _data.Dispose();

    [Fact]
    public async Task The_first_master_key_wraps_new_data_keys_and_old_ones_are_read()
    {
        await using var service = new MiddlewareService(TestKeys.All("k1"));
        var one = await service.AcceptAnswered(200);
        service.Settings = TestKeys.All("k2", "k1");
        await service.Restart();
        var two = await service.AcceptAnswered(200);

        Assert.Equal(["k1", "k2"], StoreSql.Texts(service.DatabasePath, Masters));
        foreach (var id in new[] { one, two })
        {
            var shown = await service.Get($"/api/v1/events/{id}");
            Assert.Equal(("m", "{\"seen\":true}"), ((string?)shown["payload"]!["message"], (string?)shown["attempts"]![0]!["response"]));
        }
    }

    [Fact]
    public async Task A_data_key_is_followed_by_another_after_a_day()
    {
        await using var service = new MiddlewareService(TestKeys.All("k1"));
        var one = await service.AcceptAnswered(200);
        service.Clock.AdjustTime(service.Clock.GetUtcNow().AddDays(1));
        await service.Passing(() => Task.FromResult(StoreSql.Texts(service.DatabasePath, Masters).Count == 2));

        var two = await service.AcceptAnswered(200);
        await service.Passing(async () =>
        {
            two = await service.AcceptAnswered(200);
            return StoreSql.Number(service.DatabasePath, "SELECT COUNT(DISTINCT substr(payload, 2, 4)) FROM events") == 2;
        });

        Assert.Equal("m", (string?)(await service.Get($"/api/v1/events/{one}"))["payload"]!["message"]);
        Assert.Equal("m", (string?)(await service.Get($"/api/v1/events/{two}"))["payload"]!["message"]);
    }

    [Fact]
    public async Task A_store_without_its_master_keys_is_refused_by_their_ids()
    {
        await Open(TestKeys.Master("k1"));
        await Open(TestKeys.Master("k2", "k1"));

        Assert.Equal(Refused("\"k1\" and \"k2\""), await Refusal(null));
        Assert.Equal(Refused("\"k1\" and \"k2\""), await Refusal(TestKeys.Master("k3")));
        Assert.Equal(Refused("\"k1\""), await Refusal(TestKeys.Master("k2")));

        StoreSql.Execute(Database, "UPDATE data_keys SET master = 'k2'");
        Assert.Equal(
            $"MASTER_KEY: the master key \"k2\" is not the one with which the store \"{Place}\" was encrypted. Give that one.",
            await Refusal(TestKeys.Master("k2")));
    }

    [Fact]
    [Trait("Store", "Sqlite")]
    public async Task A_start_that_fails_in_between_leaves_no_data_key_without_a_keyed_row()
    {
        var settings = new StoreSettings(IsMemory: false, _data.Path)
        {
            Encryption = new EncryptionSettings(TestKeys.Master("k1"), Payloads: true),
            WriterOpened = static connection => StoreFile.Execute(connection, "CREATE TEMP TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(FAIL, 'full'); END"),
        };
        using (var store = Made.Store(settings, new TestClock(), Made.Metrics()))
        {
            await Assert.ThrowsAsync<StartRefusedException>(() => store.OpenAsync(new RecordingSink(), Waiting.Cancellation));
        }

        Assert.Equal(0, StoreSql.Number(Database, "SELECT COUNT(*) FROM data_keys"));
        await Open(TestKeys.Master("k1"));
        Assert.Equal(["audit.keyed"], StoreSql.Texts(Database, "SELECT action FROM audit WHERE data_key <> 0"));
    }

    [Fact(Timeout = CrashStage.TestLimit)]
    [RunsNatively]
    [Trait("Speed", "Slow")]
    public async Task Rewrap_frees_a_store_of_its_old_master_key()
    {
        var old = Path.Combine(_data.Path, "old");
        await File.WriteAllTextAsync(old, TestKeys.Lines("k1") + "\n", Waiting.Cancellation);
        var both = $"MASTER_KEY={TestKeys.Lines("k2", "k1")}";
        string id;
        using (var service = await StartAsync($"MASTER_KEY_FILE={old}", "ENCRYPT_PAYLOADS=true"))
        {
            using var client = new MiddlewareClient(service.Address);
            id = await client.Accept();
            if (StoreFolder.IsPostgres)
            {
                // Replicas go on meanwhile.
                Assert.Equal((0, Wrapped(now: 1, before: 0), ""), await Rewrap(both));
                await client.Accept();
            }
            else
            {
                var (code, _, errors) = await Rewrap(both);
                Assert.Equal(1, code);
                Assert.Contains("in use by another process", errors, StringComparison.Ordinal);
            }

            await service.KillAsync();
        }

        if (!StoreFolder.IsPostgres)
        {
            Assert.Equal((1, "", Refused("\"k1\"")), await Rewrap($"MASTER_KEY={TestKeys.Lines("k2")}"));
            Assert.Equal((0, Wrapped(now: 1, before: 0), ""), await Rewrap(both));
        }

        Assert.Equal((0, Wrapped(now: 0, before: 1), ""), await Rewrap($"MASTER_KEY={TestKeys.Lines("k2")}"));

        Assert.Equal(["service audit.keyed audit", "command data_keys.rewrapped k2"], StoreSql.Texts(Database, "SELECT actor || ' ' || action || ' ' || target FROM audit ORDER BY no"));
        Assert.Equal(0, (await Run(["audit", "verify"], $"MASTER_KEY={TestKeys.Lines("k2")}")).Code);

        using var next = await StartAsync($"MASTER_KEY={TestKeys.Lines("k2")}", "ENCRYPT_PAYLOADS=true");
        using var reader = new MiddlewareClient(next.Address);
        Assert.Equal("m", (string?)(await reader.Look(id))["payload"]!["message"]);
        Assert.Equal(["k2", "k2"], StoreSql.Texts(Database, Masters));
        Assert.Equal(0, await next.StopAsync());
        Assert.DoesNotContain(next.Output, static line => line.Contains(TestKeys.Base64("k2"), StringComparison.Ordinal));
    }

    [Fact(Timeout = CrashStage.TestLimit)]
    [RunsNatively]
    [Trait("Speed", "Slow")]
    public async Task Rewrap_is_refused_without_a_key_or_a_store()
    {
        Assert.Equal((1, "", "MASTER_KEY: is not given; expected the new master key and, below it, those of before."), await Rewrap());
        var none = StoreFolder.IsPostgres
            ? $"ConnectionStrings__events: there is no store in \"{Place}\"; expected the database of the service."
            : $"DATA_DIR: there is no store in \"{_data.Path}\"; expected the folder of the service.";
        Assert.Equal((1, "", none), await Rewrap($"MASTER_KEY={TestKeys.Lines("k1")}"));
        Assert.False(File.Exists(Database));
        var (code, _, errors) = await Rewrap("MASTER_KEY=secret");
        Assert.Equal(1, code);
        Assert.DoesNotContain("secret", errors, StringComparison.Ordinal);
    }

    private string Wrapped(int now, int before) => $"The master key \"k2\" wraps all 1 data keys of \"{Place}\": {now} since now, {before} since before.";

    private string Refused(string ids) =>
        $"MASTER_KEY: the store \"{Place}\" is encrypted and needs the master key {ids}, which is not given. Give its line too, below the first.";

    private Task<ServiceProcess> StartAsync(params string[] settings) =>
        ServiceProcess.StartAsync("Middleware.Api", [.. StoreFolder.Settings(_data.Path), "EXTERNAL_ENDPOINT_URL=", .. settings]);

    private Task<(int Code, string Output, string Errors)> Rewrap(params string[] settings) => Run(["keys", "rewrap"], settings);

    private Task<(int Code, string Output, string Errors)> Run(string[] arguments, params string[] settings) =>
        ServiceProcess.RunAsync([.. StoreFolder.Settings(_data.Path), .. settings], arguments);

    private async Task Open(MasterKeys? master)
    {
        using var store = Made.Store(Made.Settings(_data.Path) with { Encryption = new EncryptionSettings(master, Payloads: true) }, new TestClock(), Made.Metrics());
        await store.OpenAsync(new RecordingSink(), Waiting.Cancellation);
    }

    private async Task<string> Refusal(MasterKeys? master) => (await Assert.ThrowsAsync<StartRefusedException>(() => Open(master))).Message;
}
