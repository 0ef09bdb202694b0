using Middleware.Storage.AtRest;

namespace Tests.Middleware.Storage.AtRest;

public sealed class DataKeysTests
{
    private static readonly Guid One = Guid.Parse("00000000-0000-0000-0000-000000000001");
    private static readonly Guid Two = Guid.Parse("00000000-0000-0000-0000-000000000002");
    private static readonly byte[] Plain = "a payload"u8.ToArray();

    public static TheoryData<int> OtherRows => [.. Enumerable.Range(0, Others.Length)];

    private static SealedRow Row => SealedRow.Response(One, null, "pager", 1);

    private static SealedRow[] Others =>
    [
        SealedRow.Response(Two, null, "pager", 1), SealedRow.Response(One, null, "other", 1), SealedRow.Response(One, null, "pager", 2), SealedRow.Response(One, Two, "pager", 1),
        SealedRow.Payload(One), SealedRow.Endpoint("pager", 1), SealedRow.KeptAnswer("pager", ""),
    ];

    [Fact]
    public void A_row_opens_as_it_was_sealed()
    {
        var keys = Keys();

        var stored = keys.Seal(Row, Plain);

        Assert.True(SealedBytes.IsSealed(stored));
        Assert.Equal(-1, stored.AsSpan().IndexOf(Plain));
        Assert.Equal(Plain, DataKeys.Open(keys, Row, stored)!);
        Assert.Empty(DataKeys.Open(keys, Row, keys.Seal(Row, []))!);
    }

    [Theory]
    [MemberData(nameof(OtherRows))]
    public void It_opens_as_no_other_row(int other)
    {
        var keys = Keys();

        Assert.Null(DataKeys.Open(keys, Others[other], keys.Seal(Row, Plain)));
    }

    [Fact]
    public void A_changed_or_cut_ciphertext_does_not_open()
    {
        var keys = Keys();
        var stored = keys.Seal(Row, Plain);
        for (var index = 1; index < stored.Length; index++)
        {
            var changed = stored.ToArray();
            changed[index] ^= 1;
            Assert.Null(DataKeys.Open(keys, Row, changed));
            Assert.Null(DataKeys.Open(keys, Row, stored.AsSpan(0, index)));
        }
    }

    [Fact]
    public void Plain_bytes_are_read_as_they_are_with_keys_and_without()
    {
        Assert.Equal(Plain, DataKeys.Open(Keys(), Row, Plain)!);
        Assert.Equal(Plain, DataKeys.Open(null, Row, Plain)!);
        Assert.Null(DataKeys.Open(null, Row, Keys().Seal(Row, Plain)));
    }

    [Fact]
    public void A_newer_key_encrypts_and_the_older_ones_decrypt()
    {
        var keys = Keys();
        var old = keys.Seal(Row, Plain);

        keys.Add(new DataKey(2, new byte[32], TestClock.Noon));
        var now = keys.Seal(Row, Plain);

        Assert.Equal((1, 2), (SealedBytes.DataKeyId(old), SealedBytes.DataKeyId(now)));
        Assert.Equal(Plain, DataKeys.Open(keys, Row, old)!);
        Assert.Equal(Plain, DataKeys.Open(keys, Row, now)!);
    }

    [Fact]
    public void A_key_is_spent_after_a_day()
    {
        var keys = Keys();

        Assert.False(keys.IsSpent(TestClock.Noon + TimeSpan.FromHours(23)));
        Assert.True(keys.IsSpent(TestClock.Noon + TimeSpan.FromHours(24)));
    }

    [Fact]
    public async Task No_nonce_is_used_twice_however_many_threads_seal()
    {
        var keys = Keys();

        var nonces = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => Enumerable.Range(0, 1_000)
            .Select(_ => keys.Seal(Row, Plain)).Select(stored =>
            {
                Assert.Equal(Plain, DataKeys.Open(keys, Row, stored)!);
                return Convert.ToHexString(SealedBytes.Nonce(stored.AsSpan()));
            }).ToList())));

        Assert.Equal(8_000, nonces.SelectMany(static some => some).Distinct().Count());
    }

    private static DataKeys Keys()
    {
        var keys = new DataKeys(sealsPayloads: true);
        keys.Add(new DataKey(1, [.. Enumerable.Range(0, 32).Select(static number => (byte)number)], TestClock.Noon));
        return keys;
    }
}
