using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Mvc.ApiExplorer;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.OpenApi;
using Middleware.Api;
using Tests.Middleware.Durable;

namespace Tests.Middleware.Contract.Making;

/// <summary>The OpenAPI document as it is made of the mapped routes, their metadata and the summaries of their handlers.</summary>
internal static class MadeDocument
{
    private const string Name = "v1";

    /// <summary>Makes the document of the routes of a service that was given <see cref="AddTo"/>.</summary>
    public static async Task<ServedDocument> OfAsync(DurableService service)
    {
        var document = await service.Services.GetRequiredKeyedService<IOpenApiDocumentProvider>(Name).GetOpenApiDocumentAsync(Waiting.Cancellation);
        var root = JsonNode.Parse(await document.SerializeAsJsonAsync(OpenApiSpecVersion.OpenApi3_1, Waiting.Cancellation))!;
        JoinLines(root["components"]!["schemas"]!);
        return new ServedDocument(root);
    }

    /// <summary>Makes one line of a summary that the source wraps.</summary>
    private static void JoinLines(JsonNode schemas)
    {
        foreach (var (name, member) in schemas.AsObject().ToList())
        {
            if (member is JsonObject inner)
            {
                JoinLines(inner);
            }
            else if (name == "description")
            {
                schemas[name] = string.Join(' ', ((string)member!).Split(default(char[]), StringSplitOptions.RemoveEmptyEntries));
            }
        }
    }

    public static void AddTo(IServiceCollection services)
    {
        services.TryAddEnumerable(ServiceDescriptor.Transient<IApiDescriptionProvider, DescribedRoutes>());
        services.AddSingleton<XmlTexts>();
        services.AddOpenApi(Name, static options =>
        {
            options.CreateSchemaReferenceId = static type =>
                (Nullable.GetUnderlyingType(type.Type) ?? type.Type) is var plain && (plain == typeof(JsonElement) || plain == typeof(StoredJson)) ? null : OpenApiOptions.CreateDefaultSchemaReferenceId(type);
            options.AddSchemaTransformer<TrueSchemas>();
            options.AddOperationTransformer<OperationTexts>();
            options.AddOperationTransformer<OperationParameters>();
            options.AddOperationTransformer<OperationBodies>();
            options.AddOperationTransformer<OperationAnswers>();
            options.AddDocumentTransformer<PlainRoutes>();
            options.AddDocumentTransformer<EnumSchemas>();
            options.AddDocumentTransformer<DocumentTexts>();
        });
    }
}
