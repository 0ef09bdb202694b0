using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Middleware.UseCases;
using ServiceDefaults.Settings;

namespace Middleware.Api;

/// <summary>Registers what the routes need and maps them.</summary>
internal static class ApiRegistration
{
    public static IServiceCollection AddApi(this IServiceCollection services)
    {
        services.AddSettings(AcceptLimits.Read);
        services.AddSettings(AllowedOrigins.Read);
        services.AddCors();
        services.AddSingleton<RefusalLog>();
        services.AddSingleton<AcceptEventEndpoint>();
        services.AddSingleton<AcceptBatchEndpoint>();
        services.AddSingleton<EndpointBody>();
        services.AddSingleton<DeclaredEndpoints>();
        services.AddSingleton(new AcceptVersions(AcceptVersion.One, AcceptVersion.Two));
        services.ConfigureHttpJsonOptions(static json =>
        {
            json.SerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
            json.SerializerOptions.NumberHandling = JsonNumberHandling.Strict;
            json.SerializerOptions.TypeInfoResolverChain.Insert(0, ApiJson.Default);
            foreach (var converter in ApiJson.Default.Options.Converters)
            {
                json.SerializerOptions.Converters.Add(converter);
            }
        });

        // Before the handler that logs what it meets: a store that is not available is no defect, and logs it itself.
        services.Insert(0, ServiceDescriptor.Singleton<IExceptionHandler, StoreUnavailableHandler>());

        // Saves a hop to another thread for each read and write. What runs then never blocks: it enqueues, and goes on after the commit.
        services.Configure<SocketTransportOptions>(static sockets => sockets.UnsafePreferInlineScheduling = true);
        return services;
    }

    /// <summary>Only the route that runs for every event stays on the thread that waits for sockets: it never blocks, and large bodies leave it once they are read.</summary>
    public static void UseThreadPoolForAllThatMayBlock(this IApplicationBuilder app)
    {
        app.Use(static next => context => context.Request.Path == AcceptEventRoutes.Path ? next(context) : HopAsync(next, context));

        static async Task HopAsync(RequestDelegate next, HttpContext context)
        {
            await Task.Yield();
            await next(context);
        }
    }

    /// <summary>Lets the pages of <c>CORS_ORIGINS</c> read answers, whatever they are.</summary>
    public static void UseAllowedOrigins(this IApplicationBuilder app) => AllowedOrigins.UseIn(app);

    public static IEndpointRouteBuilder MapApi(this IEndpointRouteBuilder routes)
    {
        AcceptEventRoutes.MapIn(routes);
        routes.MapEventHistory();
        routes.MapGroup("/api/v1/dead-letters").MapDeadLetters();
        routes.MapBulkReplays();
        routes.MapRegistry();
        routes.MapEndpointHealth();
        routes.MapFilters();
        routes.MapContract();
        return routes;
    }
}

/// <summary>How large an event may be, in bytes of its JSON.</summary>
internal sealed record AcceptLimits(int MaxEventBytes)
{
    public static AcceptLimits Read(SettingsReader settings) => new(settings.Whole(Setting.MaxEventBytes.Name, Setting.MaxEventBytes.Default, 1_024, 16_777_216));
}
