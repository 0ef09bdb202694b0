using Tests.Middleware.Contract.Making;
using Tests.Middleware.Durable;

namespace Tests.Middleware.Contract;

public class KeepingTheContract
{
    private const string Made = "openapi-v1.json";

    [Fact]
    public async Task The_document_that_is_served_is_what_the_routes_are()
    {
        await using var service = new DurableService { With = MadeDocument.AddTo };
        var made = (await MadeDocument.OfAsync(service)).Text;
        if (made == await service.Http.GetStringAsync("/openapi/v1.json", Waiting.Cancellation))
        {
            return;
        }

        var path = Path.Combine(AppContext.BaseDirectory, Made);
        await File.WriteAllTextAsync(path, made, Waiting.Cancellation);
        Assert.Fail(
            "The routes are not as docs/openapi/v1.json says. If that is on purpose, copy what was made of them there, look at the "
            + $"difference and commit it with the change: cp artifacts/bin/Tests/{Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory))}/{Made} docs/openapi/v1.json");
    }

    [Fact]
    public async Task The_document_is_the_same_each_time()
    {
        await using var one = new DurableService { With = MadeDocument.AddTo };
        await using var other = new DurableService(("MAX_EVENT_BYTES", "2048")) { With = MadeDocument.AddTo };

        Assert.Equal((await MadeDocument.OfAsync(one)).Text, (await MadeDocument.OfAsync(other)).Text);
    }
}
