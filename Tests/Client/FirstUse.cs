using System.Text.RegularExpressions;
using AspireIntegration.Client.Operating;
using AspireIntegration.Client.Publishing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Tests.Words;

namespace Tests.Client;

/// <summary>The lines of the package's README and of docs/accepting.md, compiled and run.</summary>
public sealed class FirstUse
{
    [Fact]
    public async Task The_first_use_publishes_an_event()
    {
        await using var middleware = new OperatedMiddleware();
        await using var service = await FaultyService.StartAsync(middleware.Service);

        var id = await RunAsync(["--ConnectionStrings:middleware", service.Address.ToString()]);

        Assert.Equal("invoice_failed", (await middleware.Client.Events.GetAsync(id, Waiting.Cancellation)).EventType);
        Assert.Equal(2, (await middleware.Client.Events.ListAsync(new EventQuery { Source = "billing" }, Waiting.Cancellation)).Items.Count);
    }

    // The tests have a namespace of this name.
    private static TextWriter Console => System.Console.Out;

    [Theory]
    [InlineData("AspireIntegration.Client/README.md")]
    [InlineData("docs/accepting.md")]
    public void The_documents_have_the_lines_that_are_run(string document)
    {
        var source = File.ReadAllLines(Path.Combine(Prose.Root, "Tests/Client/FirstUse.cs")).Select(static line => line.Trim()).ToList();
        var shown = Regex.Match(File.ReadAllText(Path.Combine(Prose.Root, document)), "```csharp\n(.*?)```", RegexOptions.Singleline).Groups[1].Value
            .Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

        Assert.NotEmpty(shown);
        Assert.InRange(shown.Length, 5, 12);
        var first = source.IndexOf(shown[0]);
        Assert.Equal(shown, source.Skip(first).Where(static line => line.Length > 0).Take(shown.Length));
    }

    private static async Task<string> RunAsync(string[] args)
    {
        var builder = Host.CreateApplicationBuilder(args);
        builder.AddAspireIntegrationClient("middleware");
        using var host = builder.Build();
        await host.StartAsync();

        var sent = new EventToPublish { Source = "billing", EventType = "invoice_failed", Severity = "high", Message = "Invoice 4711 was not paid" };
        var accepted = await host.Services.GetRequiredService<EventPublisher>().PublishAsync(sent);
        var isBuffered = host.Services.GetRequiredService<EventBuffer>().TryEnqueue(sent);
        Console.WriteLine($"{accepted.EventId} is on disk, buffered: {isBuffered}");

        await host.StopAsync();
        return accepted.EventId;
    }
}
