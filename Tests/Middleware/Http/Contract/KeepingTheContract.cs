using System.Reflection;
using Tests.Middleware.Http.Contract.Made;

namespace Tests.Middleware.Http.Contract;

public class KeepingTheContract
{
    private const string Name = "openapi-v1.json";

    [Fact]
    public async Task The_document_is_as_it_was_committed()
    {
        await using var service = new MiddlewareService();
        var made = MadeDocument.Of(service.Services);

        using var committed = new StreamReader(Assembly.GetExecutingAssembly().GetManifestResourceStream(Name)!);
        if (made == (await committed.ReadToEndAsync(Waiting.Cancellation)).ReplaceLineEndings("\n"))
        {
            return;
        }

        var path = Path.Combine(AppContext.BaseDirectory, Name);
        await File.WriteAllTextAsync(path, made, Waiting.Cancellation);
        Assert.Fail(
            "The routes are another contract than docs/openapi/v1.json. If that is on purpose, copy what is made of them there, look at the "
            + $"difference and commit it with the change: cp artifacts/bin/Tests/{Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory))}/{Name} docs/openapi/v1.json");
    }

    [Fact]
    public async Task The_document_is_the_same_each_time()
    {
        await using var one = new MiddlewareService();
        await using var other = new MiddlewareService(("MAX_EVENT_BYTES", "2048"));

        Assert.Equal(MadeDocument.Of(one.Services), MadeDocument.Of(one.Services));
        Assert.Equal(MadeDocument.Of(one.Services), MadeDocument.Of(other.Services));
    }
}
