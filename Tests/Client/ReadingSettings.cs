using AspireIntegration.Client;
using AspireIntegration.Client.Hosting;
using AspireIntegration.Client.Publishing;
using Microsoft.Extensions.Configuration;
using Tests.Words;

namespace Tests.Client;

public sealed class ReadingSettings
{
    private const string All = "Aspire:AspireIntegration:Client";

    [Fact]
    public void Without_any_the_address_is_that_of_service_discovery()
    {
        var settings = Read();

        Assert.Equal(("https+http://middleware/", null, null), (settings.Endpoint!.ToString(), settings.Key, settings.KeyFile));
        Assert.Equal((TimeSpan.FromMinutes(1), 10_000, WhenBufferFull.Wait), (settings.Retry.Limit, settings.Buffer.Capacity, settings.Buffer.WhenFull));
    }

    [Fact]
    public void Those_of_a_name_replace_those_of_all()
    {
        var settings = Read(
            ($"{All}:Endpoint", "http://all:1"), ($"{All}:KeyFile", "/run/key"), ($"{All}:Retry:Limit", "5m"), ($"{All}:DisableTracing", "true"), ($"{All}:Buffer:Capacity", "7"),
            ($"{All}:middleware:Endpoint", "https://own"), ($"{All}:middleware:Key", "k"), ($"{All}:middleware:Retry:Limit", "00:00:30"), ($"{All}:middleware:Buffer:WhenFull", "refuse"));

        Assert.Equal(("https://own/", "k", null), (settings.Endpoint!.ToString(), settings.Key, settings.KeyFile));
        Assert.Equal((TimeSpan.FromSeconds(30), true, 7, WhenBufferFull.Refuse), (settings.Retry.Limit, settings.DisableTracing, settings.Buffer.Capacity, settings.Buffer.WhenFull));
    }

    [Theory]
    [InlineData("https://middleware.test/base", "https://middleware.test/base", "old")]
    [InlineData("Endpoint=http://m:8080;Key=new", "http://m:8080/", "new")]
    [InlineData(" key = a=b ; ENDPOINT = https+http://m ", "https+http://m/", "a=b")]
    public void The_connection_string_replaces_both(string text, string address, string key)
    {
        var settings = Read(($"{All}:Endpoint", "http://old"), ($"{All}:Key", "old"), ("ConnectionStrings:middleware", text));

        Assert.Equal((address, key), (settings.Endpoint!.ToString(), settings.Key));
    }

    [Fact]
    public void The_code_has_the_last_word()
    {
        var settings = Read(static settings => settings.Endpoint = new Uri("http://code"), ("ConnectionStrings:middleware", "http://text"));

        Assert.Equal("http://code/", settings.Endpoint!.ToString());
    }

    [Theory]
    [InlineData("Endpoint", "ftp://x", "Endpoint \"ftp://x\" is not valid; expected an absolute http, https, https+http or http+https URL without user name, query and fragment")]
    [InlineData("Endpoint", "http://user:secret@x", "Endpoint is not valid; expected an absolute http, https, https+http or http+https URL without user name, query and fragment")]
    [InlineData("DisableMetrics", "yes", "DisableMetrics \"yes\" is not valid; expected true or false")]
    [InlineData("Retry:Limit", "5", "Retry:Limit \"5\" is not valid; expected a duration such as 500ms, 1m30s or 00:01:30")]
    [InlineData("Buffer:Capacity", "many", "Buffer:Capacity \"many\" is not valid; expected a whole number")]
    [InlineData("Buffer:WhenFull", "0", "Buffer:WhenFull \"0\" is not valid; expected Wait or Refuse")]
    public void A_wrong_one_is_named_with_its_value_and_those_that_are_accepted(string name, string value, string fault) =>
        Assert.Equal($"{All}:{fault}", Assert.Throws<InvalidOperationException>(() => Read(($"{All}:{name}", value))).Message);

    [Fact]
    public void All_faults_are_named_at_once()
    {
        var fault = Assert.Throws<InvalidOperationException>(static () => Read(
            static settings => settings.KeyFile = "/run/key",
            ($"{All}:Endpont", "http://x"),
            ($"{All}:middleware:Retry:Limits", "1s"),
            ($"{All}:middleware:Retry:Limit", "2d"),
            ($"{All}:middleware:Buffer:BatchSize", "0"),
            ("ConnectionStrings:middleware", "Endpoint=x;Key=hidden;Other=secret")));

        Assert.Equal(
            [
                $"{All}:Endpont is not a setting; expected one of Endpoint, Key, KeyFile, DisableHealthChecks, DisableTracing, DisableMetrics, Retry:Limit, Retry:BaseDelay, Retry:MaxDelay, Retry:AttemptTimeout, Buffer:Capacity, Buffer:BatchSize, Buffer:WhenFull",
                $"{All}:middleware:Retry:Limits is not a setting; expected one of Endpoint, Key, KeyFile, DisableHealthChecks, DisableTracing, DisableMetrics, Retry:Limit, Retry:BaseDelay, Retry:MaxDelay, Retry:AttemptTimeout, Buffer:Capacity, Buffer:BatchSize, Buffer:WhenFull",
                "ConnectionStrings:middleware has an Endpoint that is not valid; expected an absolute http, https, https+http or http+https URL without user name, query and fragment",
                "ConnectionStrings:middleware is not valid; expected an absolute http, https, https+http or http+https URL without user name, query and fragment, or Endpoint=<URL>;Key=<API key>",
                $"{All}:middleware:Key and {All}:middleware:KeyFile are both given; expected one of them",
                $"{All}:middleware:Retry:Limit \"2.00:00:00\" is out of range; expected 0s to 1d",
                $"{All}:middleware:Buffer:BatchSize \"0\" is out of range; expected 1 to 1000",
            ],
            fault.Message.Split('\n'));
    }

    [Fact]
    public void The_schema_has_each_setting_with_its_type_and_default()
    {
        var schema = JsonNode.Parse(File.ReadAllText(Path.Combine(Prose.Root, "AspireIntegration.Client/ConfigurationSchema.json")))!["definitions"]!["client"]!;
        var described = Leaves(schema, "").ToDictionary();

        Assert.Equal(SettingReader.Known.Select(static known => (known.Name, known.Type)).Order(), described.Select(static leaf => (leaf.Key, (string)leaf.Value["type"]!)).Order());
        var fromSchema = described.Where(static leaf => leaf.Value["default"] is not null).Select(static leaf => ($"{All}:{leaf.Key}", leaf.Value["default"]!.ToString()));
        Assert.Equal(JsonSerializer.Serialize(Read()), JsonSerializer.Serialize(Read([.. fromSchema])));
        Assert.Equal(10, fromSchema.Count());
    }

    [Fact]
    public async Task A_key_file_is_read_again_and_keeps_its_key_while_it_is_replaced()
    {
        using var folder = new TemporaryDirectory();
        var path = Path.Combine(folder.Path, "key");
        var clock = new TestClock();
        var file = new KeyFile(path, clock);
        Assert.Contains(path, (await Assert.ThrowsAsync<InvalidOperationException>(async () => await file.ReadAsync(Waiting.Cancellation))).Message, StringComparison.Ordinal);

        await File.WriteAllTextAsync(path, "one\n", Waiting.Cancellation);
        Assert.Equal("one", await file.ReadAsync(Waiting.Cancellation));
        await File.WriteAllTextAsync(path, "two\n", Waiting.Cancellation);
        Assert.Equal("one", await file.ReadAsync(Waiting.Cancellation));
        clock.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal("two", await file.ReadAsync(Waiting.Cancellation));
        File.Delete(path);
        clock.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal("two", await file.ReadAsync(Waiting.Cancellation));
    }

    private static IEnumerable<(string, JsonNode)> Leaves(JsonNode schema, string at) => schema["properties"]!.AsObject().SelectMany(
        member => member.Value!["properties"] is null ? [(at + member.Key, member.Value)] : Leaves(member.Value, $"{at}{member.Key}:"));

    private static AspireIntegrationClientSettings Read(params (string Name, string Value)[] settings) => Read(null, settings);

    private static AspireIntegrationClientSettings Read(Action<AspireIntegrationClientSettings>? configure, params (string Name, string Value)[] settings) =>
        SettingReader.Read(
            new ConfigurationBuilder().AddInMemoryCollection(settings.Select(static setting => KeyValuePair.Create(setting.Name, (string?)setting.Value))).Build(),
            "middleware",
            configure);
}
