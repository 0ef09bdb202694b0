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

        var health = await Service.Http.GetAsync("/health/ready", Waiting.Cancellation).Json(HttpStatusCode.ServiceUnavailable);

        Assert.Equal("unhealthy", (string?)health["checks"]!["store"]!["status"]);
        Assert.Equal("The store's file was removed or replaced.", (string?)health["checks"]!["store"]!["description"]);
    }

    [Fact]
    [Trait("Store", "Sqlite")]
    public async Task Without_its_store_the_service_refuses_every_change_in_the_same_words()
    {
        var id = await Service.Accept();
        File.Delete(Service.DatabasePath);

        await IsRefused(Service.PostEvent(ServiceRequests.Valid));
        await IsRefused(Service.Http.DeleteAsync($"/api/v1/events/{id}", Waiting.Cancellation));
        await IsRefused(Service.Post(ServiceRequests.Endpoints, """{"name":"a","url":"https://a.example/"}"""));

        static Task IsRefused(Task<HttpResponseMessage> answering) =>
            answering.IsFault(HttpStatusCode.ServiceUnavailable, "The store cannot be used at the moment. This request changed nothing: send it again later.");
    }
}
