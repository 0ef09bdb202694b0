using System.Buffers;
using System.Globalization;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Bench.Serve;

/// <summary>The bar for accepting: Kestrel without routing or logging that parses and checks the same JSON and answers as many bytes.</summary>
internal static class BareServer
{
    private static ReadOnlySpan<byte> BeforeEvent => "{\"status\":\"accepted\",\"event_id\":\""u8;
    private static ReadOnlySpan<byte> BeforeCorrelation => "\",\"correlation_id\":\""u8;
    private static ReadOnlySpan<byte> AtEnd => "\"}"u8;

    private static readonly int AnswerLength = BeforeEvent.Length + BeforeCorrelation.Length + AtEnd.Length + 64;

    public static Task RunAsync(int port, CancellationToken cancellationToken) => RunAsync(port, AnswerAsync, cancellationToken);

    /// <summary>Runs such a server with answers of another kind, until the parent is gone.</summary>
    public static async Task RunAsync(int port, RequestDelegate answer, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}"));
        await using var app = builder.Build();
        app.Run(answer);
        await app.StartAsync(cancellationToken);
        await Parent.GoneAsync(cancellationToken);
    }

    private static async Task AnswerAsync(HttpContext context)
    {
        if (!HttpMethods.IsPost(context.Request.Method))
        {
            return;
        }

        if (await ReadAsync(context) is not { } received || !received.IsComplete)
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            return;
        }

        context.Response.ContentType = "application/json";
        context.Response.ContentLength = AnswerLength;
        Write(context.Response.BodyWriter);
    }

    private static async ValueTask<ReceivedEvent?> ReadAsync(HttpContext context)
    {
        var body = context.Request.BodyReader;
        while (true)
        {
            var read = await body.ReadAsync(context.RequestAborted);
            if (read.IsCompleted || read.Buffer.Length >= context.Request.ContentLength)
            {
                var received = Parse(read.Buffer);
                body.AdvanceTo(read.Buffer.End);
                return received;
            }

            body.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    private static ReceivedEvent? Parse(ReadOnlySequence<byte> json)
    {
        try
        {
            var reader = new Utf8JsonReader(json);
            return JsonSerializer.Deserialize(ref reader, BareJson.Default.ReceivedEvent);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static void Write(IBufferWriter<byte> output)
    {
        var now = TimeProvider.System.GetUtcNow();
        output.Write(BeforeEvent);
        WriteId(output, Guid.CreateVersion7(now));
        output.Write(BeforeCorrelation);
        WriteId(output, Guid.CreateVersion7(now));
        output.Write(AtEnd);
    }

    private static void WriteId(IBufferWriter<byte> output, Guid id)
    {
        _ = id.TryFormat(output.GetSpan(32), out var written, "N");
        output.Advance(written);
    }
}

/// <summary>The event as it is posted.</summary>
internal sealed record ReceivedEvent
{
    public string? Source { get; init; }

    public string? EventType { get; init; }

    public string? Severity { get; init; }

    public string? Message { get; init; }

    public JsonElement? Metadata { get; init; }

    [JsonIgnore]
    public bool IsComplete =>
        !string.IsNullOrWhiteSpace(Source) && !string.IsNullOrWhiteSpace(EventType)
        && !string.IsNullOrWhiteSpace(Severity) && !string.IsNullOrWhiteSpace(Message)
        && Metadata is null or { ValueKind: JsonValueKind.Object };
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ReceivedEvent))]
internal sealed partial class BareJson : JsonSerializerContext;
