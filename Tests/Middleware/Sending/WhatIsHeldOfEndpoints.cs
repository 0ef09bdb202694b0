using System.Runtime.CompilerServices;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.ServiceDiscovery.Http;
using Middleware.Delivering;
using Middleware.Endpoints;
using Middleware.Sending;

namespace Tests.Middleware.Sending;

public sealed class WhatIsHeldOfEndpoints
{
    private const int Endpoints = 50;

    [Fact]
    public async Task One_resolver_serves_all_endpoints_and_nothing_stays_of_those_that_are_deleted()
    {
        var discovery = new CountingDiscovery();
        await using var services = Sender.Services(new TestClock(), ("services:alerts:http:0", "http://127.0.0.1:9"))
            .AddSingleton<IServiceDiscoveryHttpMessageHandlerFactory>(discovery)
            .BuildServiceProvider();

        var transports = services.GetRequiredService<EndpointTransports>();
        var shared = services.GetRequiredService<SharedConnections>();
        var held = await UseTransports(transports, shared, services.GetRequiredService<EndpointRegistry>());
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();

        Assert.Equal(1, discovery.Resolvers);
        Assert.Equal(Endpoints, discovery.Requests);
        Assert.Equal((0, 0), (transports.Count, shared.Count));
        Assert.DoesNotContain(held, static transport => transport.IsAlive);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task<List<WeakReference>> UseTransports(EndpointTransports transports, SharedConnections shared, EndpointRegistry endpoints)
    {
        var held = new List<WeakReference>();
        endpoints.Changed += transports.Follow;
        for (var number = 0; number < Endpoints; number++)
        {
            var endpoint = Made.Endpoint($"ep_{number}", url: new Uri("http://alerts/hook"));
            endpoints.Set(endpoint);
            using var transport = transports.Of(endpoint);
            using var request = DeliveryRequest.Create(Shipment.Of(Made.Delivery(1)), endpoint, Made.Attempt(), isTest: false, traceParent: null);
            await Assert.ThrowsAnyAsync<Exception>(() => transport.SendAsync(request, Waiting.Cancellation));
            held.Add(new WeakReference(transport));
        }

        // They are at one origin.
        Assert.Equal((Endpoints, 1), (transports.Count, shared.Count));
        foreach (var endpoint in endpoints.All)
        {
            endpoints.Remove(endpoint.Id);
        }

        return held;
    }

    private sealed class CountingDiscovery : IServiceDiscoveryHttpMessageHandlerFactory
    {
        public int Resolvers { get; private set; }

        public int Requests { get; private set; }

        public HttpMessageHandler CreateHandler(HttpMessageHandler handler)
        {
            Resolvers++;
            return new Counting(this) { InnerHandler = handler };
        }

        private sealed class Counting(CountingDiscovery discovery) : DelegatingHandler
        {
            protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
            {
                discovery.Requests++;
                throw new InvalidOperationException("nobody is there");
            }
        }
    }
}
