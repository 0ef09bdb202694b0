using System.Net.Http.Json;

namespace Tests.Middleware.ProcessTests;

[RunsNatively]
public class ProxyInTheEnvironment
{
    [Fact]
    public async Task Is_not_used_by_deliveries()
    {
        await using var receiver = await CountingReceiver.StartAsync();
        string[] proxies = [.. from name in (string[])["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"] from variable in (string[])[name, name.ToLowerInvariant()] select $"{variable}=http://127.0.0.1:1"];
        using var service = await ServiceProcess.StartAsync(
            "Middleware.Api", ["ConnectionStrings__events=memory", $"EXTERNAL_ENDPOINT_URL={receiver.Address}", "ALLOWED_NETWORKS=127.0.0.0/8", "MAX_RETRIES=0", .. proxies]);
        using var http = new HttpClient { BaseAddress = service.Address };
        using var registered = await http.PostAsJsonAsync("/api/v1/endpoints", new { name = "another", url = receiver.Address }, Waiting.Cancellation);
        registered.EnsureSuccessStatusCode();

        using var content = new StringContent(ServiceRequests.Valid, null, "application/json");
        using var accepted = await http.PostAsync("/integrations/events", content, Waiting.Cancellation);

        accepted.EnsureSuccessStatusCode();
        await Waiting.Until(() => receiver.Came == 2);
        Assert.Equal(0, await service.StopAsync());
    }
}
