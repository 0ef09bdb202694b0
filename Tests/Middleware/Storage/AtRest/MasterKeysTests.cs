using Microsoft.Extensions.Configuration;
using Middleware.Storage.AtRest;
using ServiceDefaults.Settings;

namespace Tests.Middleware.Storage.AtRest;

public sealed class MasterKeysTests
{
    private const string Refusal =
        "MASTER_KEY: \"(hidden)\" is not accepted; expected lines of an id (1 to 64 of A-Z, a-z, 0-9, ., _ and -), a space and 32 bytes in base64; ";

    [Fact]
    public void The_first_wraps_and_all_unwrap()
    {
        var old = TestKeys.Master("old");
        var both = TestKeys.Master("new", "old");
        var dataKey = new byte[32];
        dataKey[0] = 7;

        Assert.Equal(("old", "new"), (old.FirstId, both.FirstId));
        Assert.Equal(dataKey, both.Unwrap(1, "old", old.Wrap(1, dataKey)));
        Assert.Equal(dataKey, both.Unwrap(1, "new", both.Wrap(1, dataKey)));
        Assert.Null(both.Unwrap(1, "new", old.Wrap(1, dataKey)));
        Assert.Null(both.Unwrap(2, "old", old.Wrap(1, dataKey)));
        Assert.Null(both.Unwrap(1, "old", old.Wrap(1, dataKey).AsSpan(..^1)));
    }

    [Theory]
    [InlineData("")]
    [InlineData(null)]
    public void None_is_given(string? text)
    {
        var (settings, faults) = Read(("MASTER_KEY", text));

        Assert.Null(settings.Master);
        Assert.Empty(faults);
    }

    [Theory]
    [InlineData("k1", "line 1 is not one.")]
    [InlineData("k1 c2hvcnQ=", "line 1 is not one.")]
    [InlineData("k1 !", "line 1 is not one.")]
    [InlineData("k1 A A", "line 1 is not one.")]
    [InlineData("k/1 {1}", "line 1 is not one.")]
    [InlineData("{1} k1", "line 1 is not one.")]
    [InlineData("k1 {1}\r\n\r\nk2 c2VjcmV0", "line 3 is not one.")]
    [InlineData("k1 {1}\nk1 {2}", "line 2 repeats the id \"k1\".")]
    [InlineData(" \n ", "there is none.")]
    public void A_fault_names_its_line_and_shows_no_key(string text, string fault)
    {
        var written = text.Replace("{1}", TestKeys.Base64("one"), StringComparison.Ordinal).Replace("{2}", TestKeys.Base64("two"), StringComparison.Ordinal);

        Assert.Equal([Refusal + fault], Read(("MASTER_KEY", written)).Faults);
    }

    [Fact]
    public void Payloads_are_encrypted_with_a_master_key_only()
    {
        Assert.True(Read(("MASTER_KEY", TestKeys.Lines("k")), ("ENCRYPT_PAYLOADS", "True")).Settings.Payloads);
        Assert.False(Read(("MASTER_KEY", TestKeys.Lines("k")), ("ENCRYPT_PAYLOADS", "false")).Settings.Payloads);
        Assert.Equal(["ENCRYPT_PAYLOADS: \"true\" is not accepted; expected MASTER_KEY with it."], Read(("ENCRYPT_PAYLOADS", "true")).Faults);
        Assert.Equal(["ENCRYPT_PAYLOADS: \"1\" is not accepted; expected one of true, false."], Read(("ENCRYPT_PAYLOADS", "1")).Faults);
        Assert.Equal([Refusal + "line 1 is not one."], Read(("ENCRYPT_PAYLOADS", "true"), ("MASTER_KEY", "k")).Faults);
    }

    private static (EncryptionSettings Settings, IReadOnlyList<string> Faults) Read(params (string Name, string? Value)[] given)
    {
        var reader = TestKeys.Reader(given);
        return (EncryptionSettings.Read(reader), reader.Failures);
    }
}

/// <summary>Master keys, each made of its id.</summary>
internal static class TestKeys
{
    public static string Base64(string id) => Convert.ToBase64String(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(id)));

    /// <summary>The text of <c>MASTER_KEY</c>.</summary>
    public static string Lines(params string[] ids) => string.Join('\n', ids.Select(static id => $"{id} {Base64(id)}"));

    public static MasterKeys Master(params string[] ids) => MasterKeys.Read(Reader(("MASTER_KEY", Lines(ids))))!;

    /// <summary>The settings of a service that encrypts all.</summary>
    public static (string Name, string Value)[] All(params string[] ids) => [("MASTER_KEY", Lines(ids)), ("ENCRYPT_PAYLOADS", "true")];

    public static SettingsReader Reader(params (string Name, string? Value)[] given) =>
        new(new ConfigurationBuilder().AddInMemoryCollection(given.Select(static pair => KeyValuePair.Create(pair.Name, pair.Value))).Build());
}
