using System.Text.Json;
using Microsoft.AspNetCore.Mvc.ApiExplorer;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Scalar.AspNetCore;

namespace Middleware.Api.OpenApi;

/// <summary>
/// The OpenAPI 3.1 document of all routes at <c>/openapi/v1.json</c>, and a page to read and try it at <c>/docs</c>. It is one document for
/// all versions: but for the answer to accepting they have everything in common.
/// </summary>
internal static class OpenApiRegistration
{
    public const string Document = "v1";

    public static void AddOpenApiDocument(this IServiceCollection services)
    {
        services.TryAddEnumerable(ServiceDescriptor.Transient<IApiDescriptionProvider, DescribedRoutes>());
        services.AddSingleton<XmlTexts>();
        services.AddSingleton<BuiltDocument>();
        services.AddOpenApi(Document, static options =>
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

    /// <summary>The page brings its script with it and asks nobody but this service for anything.</summary>
    public static void MapOpenApiDocument(this IEndpointRouteBuilder routes)
    {
        routes.MapGet($"/openapi/{Document}.json", static (BuiltDocument document) => document.AnswerAsync()).ExcludeFromDescription();
        routes.MapScalarApiReference("/docs", static options => options
            .WithTitle("AspireIntegration")
            .DisableDefaultFonts()
            .DisableTelemetry()
            .DisableAgent()
            .DisableMcp()
            .HideClientButton()
            .HideDeveloperTools());
    }
}
