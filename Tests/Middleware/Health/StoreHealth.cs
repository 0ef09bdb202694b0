namespace Tests.Middleware.Health;

[Trait("Store", "Any")]
public sealed class StoreHealth : OnAService
{
    [Fact]
    public async Task A_store_that_can_be_written_is_healthy()
    {
        await Service.Accept();

        var health = await Service.Get("/health/ready");

        Assert.Equal("""{"status":"healthy","description":null,"data":{}}""", health["checks"]!["store"]!.ToJsonString());
    }

    [Fact]
    [Trait("Store", "Sqlite")]
    public async Task A_store_whose_file_is_gone_is_not_ready_and_says_why()
    {
        await Service.Accept();
        File.Delete(Service.DatabasePath);
        await Service.PostEvent(ServiceRequests.Valid).HasStatus(HttpStatusCode.ServiceUnavailable);

        using var answer = await Service.Http.GetAsync("/health/ready", Waiting.Cancellation).WithStatus(HttpStatusCode.ServiceUnavailable);

        var health = JsonNode.Parse(await answer.Content.ReadAsStringAsync(Waiting.Cancellation))!;
        Assert.Equal("unhealthy", (string?)health["checks"]!["store"]!["status"]);
        Assert.Equal("The store's file was removed or replaced.", (string?)health["checks"]!["store"]!["description"]);
    }

    [Fact]
    [Trait("Store", "Sqlite")]
    public async Task Without_its_store_the_service_refuses_every_change_in_the_same_words()
    {
        var id = await Service.Accept();
        File.Delete(Service.DatabasePath);

        using var post = await Service.PostEvent(ServiceRequests.Valid);
        using var erasure = await Service.Http.DeleteAsync($"/api/v1/events/{id}", Waiting.Cancellation);
        using var registration = await Service.Http.SendJson(HttpMethod.Post, ServiceRequests.Endpoints, """{"name":"a","url":"https://a.example/"}""");

        foreach (var answer in (HttpResponseMessage[])[post, erasure, registration])
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
            var problem = JsonNode.Parse(await answer.Content.ReadAsStringAsync(Waiting.Cancellation))!;
            Assert.Equal("The store cannot be used at the moment. This request changed nothing: send it again later.", (string?)problem["detail"]);
        }
    }
}
