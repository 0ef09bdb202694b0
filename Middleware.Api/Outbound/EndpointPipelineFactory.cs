using Microsoft.Extensions.Http.Resilience;
using Microsoft.Extensions.ServiceDiscovery.Http;
using Middleware.Domain;
using Polly;
using ServiceDefaults;

namespace Middleware.Outbound;

/// <summary>
/// Builds the pipeline of an endpoint: the standard resilience handler's total time-out, retries and try time-out around one try.
/// Its breaker and limiter are left out: the lane has the only ones.
/// </summary>
internal sealed class EndpointPipelineFactory(
    IConfiguration configuration, IServiceDiscoveryHttpMessageHandlerFactory discovery, GuardedConnect connect, TimeProvider clock)
{
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(2);

    public EndpointPipeline Create(WebhookEndpoint endpoint)
    {
        HttpMessageHandler handler = new SocketsHttpHandler
        {
            // A redirected POST silently turns into a GET without a body.
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,

            // A try has its span from AttemptHandler, with its outcome; the client's own would be made for what is not sampled too.
            ActivityHeadersPropagator = null,
            MaxConnectionsPerServer = endpoint.Workers,
            PooledConnectionLifetime = ConnectionLifetime,
            ConnectCallback = endpoint.IsBuiltIn ? null : connect.ConnectAsync,
        };

        if (IsDiscovered(endpoint.Url))
        {
            handler = discovery.CreateHandler(new RegisteredPath(endpoint.Url) { InnerHandler = handler });
        }

        return new EndpointPipeline(endpoint, new ResilienceHandler(Resilience(endpoint.Retries)) { InnerHandler = new AttemptHandler { InnerHandler = handler } });
    }

    private ResiliencePipeline<HttpResponseMessage> Resilience(RetryPlan plan)
    {
        var options = new HttpStandardResilienceOptions();
        StandardResilience.Configure(options, plan.Timeout, plan.MaxRetries, plan.BaseDelay);

        return new ResiliencePipelineBuilder<HttpResponseMessage> { TimeProvider = clock }
            .AddTimeout(options.TotalRequestTimeout)
            .AddRetry(options.Retry)
            .AddTimeout(options.AttemptTimeout)
            .Build();
    }

    /// <summary>True for a name that service discovery knows; any other host is asked of the DNS.</summary>
    private bool IsDiscovered(Uri url) => configuration.GetSection($"services:{url.Host}").Exists();

    /// <summary>Service discovery puts another host into a URL, and writes its path anew.</summary>
    private sealed class RegisteredPath(Uri registered) : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            request.RequestUri = WebhookUrl.AsSent(request.RequestUri!.GetLeftPart(UriPartial.Authority) + registered.PathAndQuery);
            return base.SendAsync(request, cancellationToken);
        }
    }
}
