using System.Collections.Concurrent;

namespace Tests.ServiceDefaults;

/// <summary>Stands for the network: answers each request with a status.</summary>
internal sealed class AnsweringHandler(Func<HttpRequestMessage, HttpStatusCode> answer) : HttpMessageHandler
{
    /// <summary>The host of each request, in order.</summary>
    public ConcurrentQueue<string> Asked { get; } = new();

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Asked.Enqueue(request.RequestUri!.Host);
        return Task.FromResult(new HttpResponseMessage(answer(request)) { RequestMessage = request });
    }
}
