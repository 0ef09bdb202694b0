using System.Reflection;
using Tests.Middleware.Durable;

namespace Tests.Middleware.Contract;

public class KeepingTheContract
{
    private const string Served = "openapi-v1.json";

    [Fact]
    public async Task The_document_is_as_it_was_committed()
    {
        await using var service = new DurableService();
        var served = (await ServedDocument.OfAsync(service)).Text;

        using var committed = new StreamReader(Assembly.GetExecutingAssembly().GetManifestResourceStream(Served)!);
        if (served == (await committed.ReadToEndAsync(Waiting.Cancellation)).ReplaceLineEndings("\n"))
        {
            return;
        }

        var path = Path.Combine(AppContext.BaseDirectory, Served);
        await File.WriteAllTextAsync(path, served, Waiting.Cancellation);
        Assert.Fail(
            "The service serves another contract than docs/openapi/v1.json. If that is on purpose, copy what it serves there, look at the "
            + $"difference and commit it with the change: cp artifacts/bin/Tests/{Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory))}/{Served} docs/openapi/v1.json");
    }

    [Fact]
    public async Task The_document_is_the_same_each_time()
    {
        await using var one = new DurableService();
        await using var other = new DurableService(("MAX_EVENT_BYTES", "2048"));

        Assert.Equal((await ServedDocument.OfAsync(one)).Text, (await ServedDocument.OfAsync(one)).Text);
        Assert.Equal((await ServedDocument.OfAsync(one)).Text, (await ServedDocument.OfAsync(other)).Text);
    }
}
