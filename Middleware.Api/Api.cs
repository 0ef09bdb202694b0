using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Middleware.Accepting;
using Middleware.Audit;
using Middleware.Callers;
using Middleware.DeadLetters;
using Middleware.Endpoints;
using Middleware.Erasing;
using Middleware.Events;
using Middleware.Filtering;
using Middleware.Health;
using Middleware.History;
using Middleware.Http;
using Middleware.Matching;
using Middleware.Replays;
using Middleware.Replicas;
using Middleware.Sending;
using Middleware.Stats;
using Middleware.Streaming;
using ServiceDefaults.Limits;
using ServiceDefaults.Settings;

namespace Middleware;

/// <summary>The routes of all capabilities and their common handlers.</summary>
internal static class Api
{
    public static IServiceCollection AddApi(this IServiceCollection services)
    {
        services.AddSettings(AllowedOrigins.Read).AddSettings(AllowedHosts.Read).AddSettings(DocsSettings.Read).AddSettings(SettingsInForce.Read).AddRateLimits().AddSingleton<EarlyRefusals>();
        services.AddSingleton(AnswerBudget.Create());
        services.AddCors();
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

        // Before the handler that logs each failure: an unavailable store is no defect, and logs it itself.
        services.Insert(0, ServiceDescriptor.Singleton<IExceptionHandler, StoreUnavailableHandler>());

        // Saves a hop to another thread for each read and write. The continuation never blocks: it enqueues, and goes on after the commit.
        services.Configure<SocketTransportOptions>(static sockets => sockets.UnsafePreferInlineScheduling = true);
        return services;
    }

    /// <summary>
    /// Moves all routes that may block to the thread pool. Only the route of every event stays on the thread that waits for sockets. It never blocks,
    /// and large bodies leave that thread once they are read.
    /// </summary>
    public static void UseThreadPoolForAllThatMayBlock(this IApplicationBuilder app)
    {
        app.Use(static next => context => context.Request.Path == AcceptRoutes.Path ? next(context) : HopAsync(next, context));

        static async Task HopAsync(RequestDelegate next, HttpContext context)
        {
            await Task.Yield();
            await next(context);
        }
    }

    /// <summary>
    /// Keeps pages of other origins and hosts from driving the service. Pages of <c>CORS_ORIGINS</c> may drive it and read all answers, those to too many
    /// requests among them.
    /// </summary>
    public static void UseBrowserRules(this IApplicationBuilder app)
    {
        AllowedHosts.UseIn(app);
        AllowedOrigins.UseIn(app, IdempotencyKey.ReplayedHeader);
        CrossOrigin.UseIn(app);
    }

    public static IEndpointRouteBuilder MapApi(this IEndpointRouteBuilder root)
    {
        var routes = root.MapGroup("").RefusesForeignPages();
        AcceptRoutes.MapIn(routes);
        routes.MapHistory();
        routes.MapMatches();
        routes.MapStream();
        routes.MapDeadLetters();
        routes.MapReplays();
        routes.MapErasing();
        routes.MapBulkErasures();
        routes.MapEndpoints();
        routes.MapEndpointHealth();
        routes.MapEndpointTest();
        routes.MapFilters();
        routes.MapCaller();
        routes.MapKeys();
        routes.MapAudit();
        routes.MapReplicas();
        routes.MapStats();
        routes.MapSettings();
        routes.MapContract();
        return root;
    }
}

/// <summary>The JSON of answers.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UseStringEnumConverter = true,
    Converters = [typeof(IdText), typeof(DeliveryIdText), typeof(TimeText), typeof(DurationText)])]
[JsonSerializable(typeof(ListPage<EventSummary>))]
[JsonSerializable(typeof(ListPage<DeadLetter>))]
[JsonSerializable(typeof(ListPage<BulkReplayItem>))]
[JsonSerializable(typeof(ListPage<BulkErasureItem>))]
[JsonSerializable(typeof(ListPage<EndpointItem>))]
[JsonSerializable(typeof(ListPage<KeyItem>))]
[JsonSerializable(typeof(ListPage<AuditedRow>))]
[JsonSerializable(typeof(ListPage<ReplicaItem>))]
[JsonSerializable(typeof(ListPage<SettingItem>))]
[JsonSerializable(typeof(ListPage<EndpointMatch>))]
[JsonSerializable(typeof(AcceptedEventItem))]
[JsonSerializable(typeof(CallerItem))]
[JsonSerializable(typeof(DeadLetterCounts))]
[JsonSerializable(typeof(StatsItem))]
[JsonSerializable(typeof(EventCount))]
[JsonSerializable(typeof(EventTimeline))]
[JsonSerializable(typeof(DeadLetterTimeline))]
[JsonSerializable(typeof(EventReplay))]
[JsonSerializable(typeof(EndpointAttempt))]
[JsonSerializable(typeof(FilterVerdict))]
internal sealed partial class ApiJson : JsonSerializerContext;
