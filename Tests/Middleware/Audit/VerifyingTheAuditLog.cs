using Middleware.Audit;
using Middleware.Callers;
using Tests.Middleware.Storage;

namespace Tests.Middleware.Audit;

/// <summary>The command, on stores that a real process has written.</summary>
[RunsNatively]
[Trait("Store", "Any")]
public sealed class VerifyingTheAuditLog : IDisposable
{
    private const string Master = "m1 AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

    private readonly StoreFolder _folder = new();

    private string Store => Path.Combine(_folder.Path, "events.db");

    private string Place => StoreFolder.PlaceOf(_folder.Path);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(null, false)]
    [InlineData(Master, true)]
    public async Task A_whole_log_is_whole_while_the_service_runs_and_after_it(string? master, bool isKeyed)
    {
        using (var service = await StartAsync(master))
        {
            var (running, while_) = await VerifyAsync(master);
            Assert.True(running == 0, while_);
            await service.StopAsync();
        }

        var (code, text) = await VerifyAsync(master);

        Assert.True(code == 0, text);
        Assert.StartsWith($"The audit log of \"{Place}\" is whole: {(isKeyed ? 4 : 3)} rows, head {(isKeyed ? 4 : 3)}:", text, StringComparison.Ordinal);
        Assert.Equal(!isKeyed, text.Contains("hashes without a key", StringComparison.Ordinal));
    }

    public static TheoryData<string, string> Tampering => new()
    {
        { "UPDATE audit SET actor = 'nobody' WHERE no = 2", "row 2 was changed, or one before it" },
        { "UPDATE audit SET at = at + 1 WHERE no = 1", "row 1 was changed, or one before it" },
        { "UPDATE audit SET new = NULL WHERE no = 3", "row 3 was changed, or one before it" },
        { "UPDATE audit SET action = action || target, target = '' WHERE no = 2", "row 2 was changed, or one before it" },
        { "UPDATE audit SET hash = x'00' WHERE no = 2", "row 2 was changed, or one before it" },
        { "DELETE FROM audit WHERE no = 2", "row 2 is missing; the next one is 3" },
        { "DELETE FROM audit WHERE no = 1", "row 1 is missing; the next one is 2" },
        { "INSERT INTO audit_anchor SELECT no, hash FROM audit WHERE no = 2; DELETE FROM audit WHERE no <= 2", "the rows up to 2 are gone, and no row shows that they were purged" },
        { "INSERT INTO audit_anchor SELECT no, hash FROM audit WHERE no = 4; DELETE FROM audit", "the rows up to 4 are gone, and no row shows that they were purged" },
        { "UPDATE audit SET no = -no; UPDATE audit SET no = CASE no WHEN -2 THEN 3 WHEN -3 THEN 2 WHEN -4 THEN 4 ELSE 1 END", "row 2 was changed, or one before it" },
    };

    [Theory]
    [MemberData(nameof(Tampering))]
    public async Task A_changed_removed_or_moved_row_is_found(string sql, string fault)
    {
        await WriteAsync(Master);

        StoreSql.Execute(Store, sql);

        var (code, text) = await VerifyAsync(Master);
        Assert.Equal((1, $"The audit log of \"{Place}\" is not whole: {fault}."), (code, text));
    }

    [Fact]
    public async Task A_row_that_was_added_without_the_key_is_found()
    {
        await WriteAsync(Master);

        var head = AuditHead.Parse((await VerifyAsync(Master)).Text.Split("head ")[1].TrimEnd('.'))!.Value;
        StoreSql.Execute(
            Store, "INSERT INTO audit (no, at, actor, action, target, data_key, hash) VALUES (5, 0, 'admin', 'key.created', 'mine', 0, @hash)",
            ("@hash", AuditHash.Of(head.Hash.Span, key: null, 5, 0, "admin", null, "key.created", "mine", null, null)));

        Assert.Equal((1, $"The audit log of \"{Place}\" is not whole: row 5 has a hash without a key, behind rows with one."), await VerifyAsync(Master));
    }

    [Fact]
    [Trait("Store", "Sqlite")]
    public async Task A_log_without_a_key_in_the_place_of_one_with_keys_is_found()
    {
        await WriteAsync(Master);

        using var other = new VerifyingTheAuditLog();
        await other.WriteAsync(master: null);

        StoreSql.Execute(Store, $"ATTACH '{other.Store}' AS other; DELETE FROM audit; INSERT INTO audit SELECT * FROM other.audit");

        Assert.Equal((1, $"The audit log of \"{Place}\" is not whole: no row has a hash with a key, and the store has data keys."), await VerifyAsync(Master));
    }

    [Fact]
    public async Task A_log_that_was_purged_is_whole()
    {
        await WriteAsync(Master);

        // As if they were of long ago: the hashes are not looked at before they are purged.
        StoreSql.Execute(Store, "UPDATE audit SET at = 0 WHERE no <= 3");
        using (var service = await StartAsync(Master))
        {
            await Waiting.Until(() => StoreSql.Number(Store, "SELECT COUNT(*) FROM audit_anchor") == 1);
            await service.StopAsync();
        }

        var (code, text) = await VerifyAsync(Master);
        Assert.True(code == 0, text);
    }

    [Fact]
    public async Task A_log_that_was_cut_is_found_by_a_head_of_before()
    {
        await WriteAsync(Master);

        var head = (await VerifyAsync(Master)).Text.Split("head ")[1].TrimEnd('.');
        Assert.Equal(0, (await VerifyAsync(Master, "--head", head)).Code);
        Assert.Equal(0, (await VerifyAsync(Master, $"--head={head}")).Code);
        Assert.Equal(1, (await VerifyAsync(Master, $"--head=5:{new string('0', 64)}")).Code);

        StoreSql.Execute(Store, "DELETE FROM audit WHERE no = 4");

        Assert.Equal(0, (await VerifyAsync(Master)).Code);
        Assert.Equal((1, $"The audit log of \"{Place}\" is not whole: the head {head} is not in it: rows were cut off, or the store is older than the head."), await VerifyAsync(Master, "--head", head));
    }

    [Fact]
    public async Task Without_the_master_key_a_keyed_log_is_not_called_whole()
    {
        await WriteAsync(Master);

        var (code, text) = await VerifyAsync(master: null);
        Assert.Equal(1, code);
        Assert.Contains("row 1 is hashed with the data key 1, which MASTER_KEY does not open", text, StringComparison.Ordinal);
    }

    /// <summary>Starts a service on the folder, whose log then has three rows.</summary>
    private async Task<ServiceProcess> StartAsync(string? master)
    {
        var key = KeyText.Generate();
        var service = await ServiceProcess.StartAsync(
            "Middleware.Api", [.. StoreFolder.Settings(_folder.Path), "EXTERNAL_ENDPOINT_URL=http://127.0.0.1:8/", $"ADMIN_KEY={key}", .. Given(master)]);
        using var client = new HttpClient { BaseAddress = service.Address };
        for (var made = 0; made < 2; made++)
        {
            await client.SendJson(HttpMethod.Post, "/api/v1/keys", """{"name":"a","scopes":["operate"]}""", $"Authorization: Bearer {key}").HasStatus(HttpStatusCode.Created);
        }

        return service;
    }

    /// <summary>Has a service write the log, and stops it.</summary>
    private async Task WriteAsync(string? master)
    {
        using var service = await StartAsync(master);
        await service.StopAsync();
    }

    private async Task<(int Code, string Text)> VerifyAsync(string? master, params string[] options)
    {
        var (code, output, errors) = await ServiceProcess.RunAsync([.. StoreFolder.Settings(_folder.Path), .. Given(master)], ["audit", "verify", .. options]);
        return (code, output + errors);
    }

    private static string[] Given(string? master) => master is null ? [] : [$"MASTER_KEY={master}"];
}
