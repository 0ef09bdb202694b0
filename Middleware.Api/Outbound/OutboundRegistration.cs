using Middleware.UseCases;

namespace Middleware.Outbound;

/// <summary>Registers the delivery client.</summary>
internal static class OutboundRegistration
{
    public static IServiceCollection AddOutbound(this IServiceCollection services) => services
        .AddSingleton<EndpointPipelineFactory>()
        .AddSingleton<IDeliveryClient, DeliveryClient>();
}
