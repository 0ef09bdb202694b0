using System.Runtime.CompilerServices;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.ServiceDiscovery.Http;
using Middleware.Outbound;

namespace Tests.Middleware.Outbound;

public sealed class WhatIsHeldOfEndpoints
{
    private const int Endpoints = 50;

    [Fact]
    public async Task One_resolver_serves_all_endpoints_and_nothing_of_a_pipeline_stays_when_it_is_disposed_of()
    {
        var discovery = new CountingDiscovery();
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([KeyValuePair.Create("services:alerts:http:0", (string?)"http://127.0.0.1:9")]).Build();
        await using var services = new ServiceCollection()
            .AddSingleton<IConfiguration>(configuration)
            .AddSingleton<IHostEnvironment>(new HostingEnvironment { EnvironmentName = Environments.Production })
            .AddSingleton<TimeProvider>(new TestClock())
            .AddLogging()
            .AddServiceDiscovery()
            .AddOutbound()
            .AddSingleton<IServiceDiscoveryHttpMessageHandlerFactory>(discovery)
            .BuildServiceProvider();

        var held = await UsePipelines(services.GetRequiredService<EndpointPipelineFactory>());
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();

        Assert.Equal(1, discovery.Resolvers);
        Assert.Equal(Endpoints, discovery.Requests);
        Assert.DoesNotContain(held, static pipeline => pipeline.IsAlive);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task<List<WeakReference>> UsePipelines(EndpointPipelineFactory pipelines)
    {
        var held = new List<WeakReference>();
        for (var number = 0; number < Endpoints; number++)
        {
            held.Add(await UsePipeline(pipelines, number));
        }

        return held;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task<WeakReference> UsePipeline(EndpointPipelineFactory pipelines, int number)
    {
        var endpoint = Made.Endpoint($"ep_{number}", url: new Uri("http://alerts/hook"));
        using var pipeline = pipelines.Create(endpoint);
        var attempts = new AttemptLog(0, TimeProvider.System, new(default, Waiting.Cancellation));
        using var request = DeliveryRequest.Create(Made.Delivery(1), endpoint, attempts);
        await Assert.ThrowsAnyAsync<Exception>(() => pipeline.SendAsync(request, attempts.Cancelled));
        return new WeakReference(pipeline);
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
