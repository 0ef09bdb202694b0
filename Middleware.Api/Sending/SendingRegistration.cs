using System.Net;
using Middleware.Delivering;
using Middleware.Endpoints;
using ServiceDefaults.Settings;

namespace Middleware.Sending;

/// <summary>Registers the delivery client, the check of addresses and the files of secrets.</summary>
internal static class SendingRegistration
{
    public static IServiceCollection AddSending(this IServiceCollection services) => services
        .AddSettings(AllowedNetworks.Read)
        .AddSettings(RetryAfterLimit.Read)
        .AddSettings(DefaultProxy.Read)
        .AddSettings(SecretsFolder.Read)
        .AddSingleton(static provider => new AddressPolicy(
        [
            .. provider.GetRequiredService<AllowedNetworks>().Networks,
            .. provider.GetRequiredService<IHostEnvironment>().IsDevelopment() ? AllowedNetworks.Loopback : [],
        ]))
        .AddSingleton<AddressCheck>(static provider => provider.GetRequiredService<AddressPolicy>().AllowsLiteral)
        .AddSingleton<HostResolver>(Dns.GetHostAddressesAsync)
        .AddSingleton<ConnectionRace>()
        .AddSingleton<GuardedConnect>()
        .AddSingleton<DiscoveredHosts>()
        .AddSingleton<EndpointSecrets>()
        .AddSingleton<SharedConnections>()
        .AddSingleton<EndpointTransports>()
        .AddSingleton<IDeliveryClient, DeliveryClient>()
        .AddSingleton<TestEndpoint>();
}
