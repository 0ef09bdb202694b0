using Microsoft.Extensions.Configuration;
using Middleware;
using Tests.Middleware.Callers;

namespace Tests.Middleware.Settings;

/// <summary>The settings that the service shows.</summary>
public sealed class ShowingSettings() : OnAService(new MiddlewareService(("QUEUE_SIZE", "5000")))
{
    private const string Path = "/api/v1/settings";

    [Fact]
    public async Task Each_is_shown_with_its_value_in_force_and_its_default()
    {
        var shown = (await Service.Get(Path))["items"]!.AsArray().ToDictionary(static item => (string)item!["name"]!, static item => item!);

        Assert.Equal(Setting.All.Select(static setting => setting.Name), shown.Keys);
        Assert.Equal("""{"name":"QUEUE_SIZE","value":"5000","default":"1000","is_given":true,"file":null}""", shown["QUEUE_SIZE"].ToJsonString());
        Assert.Equal("""{"name":"AUDIT_RETENTION","value":"365d","default":"365d","is_given":false,"file":null}""", shown["AUDIT_RETENTION"].ToJsonString());
        Assert.Equal("""{"name":"MAX_AGE","value":null,"default":null,"is_given":false,"file":null}""", shown["MAX_AGE"].ToJsonString());
    }

    [Fact]
    public async Task No_secret_and_no_text_of_a_file_is_shown()
    {
        using var folder = new TemporaryDirectory();
        var file = System.IO.Path.Combine(folder.Path, "master-key");
        await File.WriteAllTextAsync(file, $"k1 {Convert.ToBase64String(new byte[32])}\n", Waiting.Cancellation);
        await using var keyed = new KeyedService(("MASTER_KEY_FILE", file));

        var shown = await keyed.Read(KeyedService.AdminKey, Path);

        JsonNode Of(string name) => shown["items"]!.AsArray().Single(item => (string)item!["name"]! == name)!;
        Assert.Equal("""{"name":"ADMIN_KEY","value":null,"default":null,"is_given":true,"file":null}""", Of("ADMIN_KEY").ToJsonString());
        Assert.Equal($$"""{"name":"MASTER_KEY","value":null,"default":null,"is_given":true,"file":"{{file}}"}""", Of("MASTER_KEY").ToJsonString());
        Assert.DoesNotContain(KeyedService.AdminKey, shown.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_configuration_says_after_the_start_is_not_in_force()
    {
        await Service.Get(Path);
        ((IConfiguration)Service.Services.GetService(typeof(IConfiguration))!)["QUEUE_SIZE"] = "7000";

        Assert.Contains("""{"name":"QUEUE_SIZE","value":"5000",""", (await Service.Get(Path)).ToJsonString(), StringComparison.Ordinal);
    }
}
