using System.Collections.Concurrent;

namespace Tests;

/// <summary>Stands for the network: answers each request by a delegate.</summary>
internal class AnsweringHandler(Func<HttpRequestMessage, HttpResponseMessage> answer) : HttpMessageHandler
{
    /// <summary>Answers each request with a status.</summary>
    public AnsweringHandler(Func<HttpRequestMessage, HttpStatusCode> status)
        : this(request => new HttpResponseMessage(status(request)))
    {
    }

    /// <summary>The host of each request, in order.</summary>
    public ConcurrentQueue<string> Asked { get; } = new();

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Asked.Enqueue(request.RequestUri!.Host);
        var message = answer(request);
        message.RequestMessage = request;
        return Task.FromResult(message);
    }
}
