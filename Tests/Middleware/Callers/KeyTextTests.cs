using System.Security.Cryptography;
using System.Text;
using Middleware.Callers;
using ServiceDefaults;

namespace Tests.Middleware.Callers;

public class KeyTextTests
{
    // Made here once: its checksum is the CRC-32 (as of zlib) of all before it in base62.
    private const string Known = "aik_3kQ9xT0b_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefg2V1HY6";

    [Fact]
    public void A_new_key_has_the_form_and_none_is_made_twice()
    {
        var keys = Enumerable.Range(0, 1_000).Select(static _ => KeyText.Generate()).ToList();

        Assert.All(keys, static key => Assert.Matches("^aik_[0-9A-Za-z]{8}_[0-9A-Za-z]{49}$", key));
        Assert.All(keys, static key => Assert.True(KeyText.IsKey(key)));
        Assert.All(keys, static key => Assert.True(MisplacedKeys.IsIn($"key: {key}") && !MisplacedKeys.IsIn(key[1..]) && !MisplacedKeys.IsIn(key[..^1])));
        Assert.Equal(keys.Count, keys.Distinct().Count());
        Assert.Equal(keys.Count, keys.Select(static key => KeyText.IdOf(key).ToString()).Distinct().Count());
    }

    [Fact]
    public void Every_change_of_one_character_is_seen()
    {
        var key = KeyText.Generate();

        for (var place = 0; place < key.Length; place++)
        {
            Assert.False(KeyText.IsKey(key[..place] + (key[place] == 'x' ? 'y' : 'x') + key[(place + 1)..]), $"place {place}");
            Assert.False(KeyText.IsKey(key.Remove(place, 1)), $"without place {place}");
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("aik_")]
    [InlineData("aik_3kQ9xT0b_é0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdef2V1HY6")]
    public void Another_text_is_no_key(string text) => Assert.False(KeyText.IsKey(text));

    [Fact]
    public void A_rotated_key_keeps_its_id() => Assert.Equal("3kQ9xT0b", KeyText.IdOf(KeyText.Generate("3kQ9xT0b")));

    [Fact]
    public void The_digest_is_SHA_256_of_the_text_and_is_read_from_settings()
    {
        var key = KeyText.Generate();
        var digest = SHA256.HashData(Encoding.ASCII.GetBytes(key));

        Assert.Equal(digest, KeyText.DigestOf(key));
        Assert.Equal(digest, KeyText.ReadDigest("sha256:" + Convert.ToHexStringLower(digest)));
        Assert.Null(KeyText.ReadDigest(Convert.ToHexStringLower(digest)));
        Assert.Null(KeyText.ReadDigest("sha256:" + Convert.ToHexStringLower(digest)[1..]));
        Assert.Null(KeyText.ReadDigest("sha256:" + new string('g', 64)));
    }

    [Fact]
    public void The_checksum_is_that_of_other_programs() => Assert.True(KeyText.IsKey(Known));
}
