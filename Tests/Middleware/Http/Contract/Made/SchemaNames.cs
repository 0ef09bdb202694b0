using System.Collections.Frozen;
using System.Reflection;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Middleware;
using Middleware.DeadLetters;
using Middleware.Endpoints;
using Middleware.Events;
using Middleware.Filtering;
using Middleware.Filtering.Cesql;
using Middleware.History;
using Middleware.Replays;

namespace Tests.Middleware.Http.Contract.Made;

/// <summary>The names of the schemas and of the values of enums, in the document.</summary>
internal static class SchemaNames
{
    /// <summary>The schemas that bear another name than their type.</summary>
    private static readonly FrozenDictionary<Type, string> Given = new Dictionary<Type, string>
    {
        [typeof(BatchPlan)] = "BatchContract",
        [typeof(CesqlFaultKind)] = "ExpressionFaultKind",
        [typeof(DeadLetter)] = "DeadLetterItem",
        [typeof(DeadLetterTimeline)] = "DeadLetterDetail",
        [typeof(DeliveryState)] = "DeliveryItem",
        [typeof(EndpointAttempt)] = "AttemptItem",
        [typeof(EventFilter)] = "FilterContract",
        [typeof(EndpointHealth)] = "EndpointHealthContract",
        [typeof(EventReplay)] = "ReplayAnswer",
        [typeof(EventSummary)] = "EventItem",
        [typeof(EventTimeline)] = "EventDetail",
        [typeof(ExpressionFault)] = "FilterTestError",
        [typeof(FilterParts)] = "FilterTestParts",
        [typeof(FilterVerdict)] = "FilterTestResult",
        [typeof(RateLimit)] = "RateLimitContract",
        [typeof(ReplayedDelivery)] = "ReplayedItem",
        [typeof(ReplaySelection)] = "BulkReplayFilter",
    }.ToFrozenDictionary();

    /// <summary>Faults of expressions that are no filter's.</summary>
    private static readonly string[] NeverAnswered = [nameof(CesqlFaultKind.Parse), nameof(CesqlFaultKind.MissingFunction)];

    /// <summary>A type of the service, or of this folder, by the name of its schema.</summary>
    public static Type TypeOf(string name) => name == nameof(ProblemDetails) ? typeof(ProblemDetails)
        : name == nameof(HttpValidationProblemDetails) ? typeof(HttpValidationProblemDetails)
        : new[] { typeof(Schemas).Assembly, typeof(Api).Assembly }
            .SelectMany(static assembly => assembly.GetTypes()).Single(type => type.Name == name && (type.Assembly == typeof(Api).Assembly || type.Namespace == typeof(Schemas).Namespace));

    /// <summary>The name of a type's schema.</summary>
    public static string Of(Type type) => type.IsGenericType ? $"{type.Name.Split('`')[0]}Of{Of(type.GetGenericArguments()[0])}" : Given.GetValueOrDefault(type, type.Name);

    /// <summary>The names of an enum's values, in the order of the document.</summary>
    public static IEnumerable<string> OfValues(Type type) => type == typeof(Priority) ? Priorities.Names.Texts
        : type == typeof(HealthStatus) ? ["healthy", "degraded", "unhealthy"]
        : type.GetFields(BindingFlags.Public | BindingFlags.Static).Where(static value => !NeverAnswered.Contains(value.Name)).Select(static value => value.GetCustomAttribute<JsonStringEnumMemberNameAttribute>()!.Name);
}
