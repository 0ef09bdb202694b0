using System.Reflection;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Tests.Middleware.Http;

/// <summary>
/// Handlers as ASP.NET Core makes them without its source generator, which a program that is published for the runtime has not. A parameter that it cannot bind there fails each
/// request to any route.
/// </summary>
public sealed class MakingRoutesByReflection : OnAService
{
    [Fact]
    public void Each_handler_is_made()
    {
        var handlers = Service.Services.GetServices<EndpointDataSource>().SelectMany(static source => source.Endpoints)
            .Select(static endpoint => endpoint.Metadata.GetMetadata<MethodInfo>()).OfType<MethodInfo>().Distinct().ToList();

        Assert.InRange(handlers.Count, 30, 200);
        Assert.All(handlers, handler => RequestDelegateFactory.Create(
            handler, handler.IsStatic ? null : _ => throw new InvalidOperationException("No request is made."), new RequestDelegateFactoryOptions { ServiceProvider = Service.Services }));
    }
}
