using Middleware.Accepting;
using Middleware.Events;
using Middleware.Storage;
using Middleware.Storage.AtRest;
using Tests.Middleware.Storage.AtRest;

namespace Tests.Middleware.Storage.Postgres;

/// <summary>Replicas that are given a master key one after the other.</summary>
public sealed class SharedEncryption
{
    [Fact(Timeout = Waiting.TestLimit)]
    public async Task What_another_replica_encrypts_waits_for_the_key_and_is_no_dead_letter()
    {
        await using var database = await PostgresDatabase.CreateAsync();
        using var plain = await new DurableStore { Database = database }.Open("default");
        await plain.Accept(1);
        var settings = new StoreSettings(IsMemory: false, "") { Postgres = Made.Postgres(database), Encryption = new EncryptionSettings(TestKeys.Master("k1"), Payloads: true) };
        using var sealing = Made.Store(settings, plain.Clock, Made.Metrics());
        await sealing.OpenAsync(new RecordingSink(), Waiting.Cancellation);
        await sealing.AcceptAsync([new RoutedEvent(Made.Event(), [Made.Endpoint()])], claim: null, Waiting.Cancellation).InTime();

        var refusal = await Assert.ThrowsAsync<StoreUnavailableException>(() => plain.Pending("default", Priority.Low));

        Assert.Contains("MASTER_KEY", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(2, await plain.Count("SELECT COUNT(*) FROM pending"));
        Assert.Equal(0, await plain.Count("SELECT COUNT(*) FROM dead_letters"));
    }
}
