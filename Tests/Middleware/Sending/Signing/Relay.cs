using System.Net.Http.Headers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Tests.Middleware.Sending.Signing;

/// <summary>Something on the way to a receiver: hands on what it gets, the body as it makes it, and gives back what the receiver answers.</summary>
internal sealed class Relay : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Uri _receiver;
    private readonly Action<byte[]> _alter;
    private readonly HttpClient _client = new();

    private Relay(WebApplication app, Uri receiver, Action<byte[]> alter) => (_app, _receiver, _alter) = (app, receiver, alter);

    /// <summary>Where it listens.</summary>
    public Uri Url => new(_app.Urls.First());

    public static async Task<Relay> StartAsync(Uri receiver, Action<byte[]> alter)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var relay = new Relay(builder.Build(), receiver, alter);
        relay._app.Run(relay.HandOnAsync);
        await relay._app.StartAsync(Waiting.Cancellation);
        return relay;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _client.Dispose();
    }

    private async Task HandOnAsync(HttpContext context)
    {
        using var read = new MemoryStream();
        await context.Request.Body.CopyToAsync(read, context.RequestAborted);
        var body = read.ToArray();
        _alter(body);

        using var request = new HttpRequestMessage(HttpMethod.Post, _receiver) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(context.Request.ContentType!);
        foreach (var header in (string[])["webhook-id", "webhook-timestamp", "webhook-signature"])
        {
            request.Headers.Add(header, context.Request.Headers[header].ToString());
        }

        using var answer = await _client.SendAsync(request, context.RequestAborted);
        context.Response.StatusCode = (int)answer.StatusCode;
        if (await answer.Content.ReadAsStringAsync(context.RequestAborted) is { Length: > 0 } said)
        {
            await context.Response.WriteAsync(said, context.RequestAborted);
        }
    }
}
