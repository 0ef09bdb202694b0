using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Middleware.Api.OpenApi;

/// <summary>The limits of a batch, and an example of each body.</summary>
internal sealed class OperationBodies : IOpenApiOperationTransformer
{
    public Task TransformAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        var body = metadata.OfType<DescribedBody>().LastOrDefault();
        foreach (var (mediaType, content) in operation.RequestBody?.Content ?? new Dictionary<string, OpenApiMediaType>())
        {
            if (mediaType == JsonMediaType.Lines)
            {
                content.Schema = LinesOf(body!.Type.GetElementType()!);
                content.Example = Examples.Lines(body.Type);
                continue;
            }

            content.Example = Examples.Of(body!.Type);
            if (content.Schema is OpenApiSchema { Items: not null } array)
            {
                (array.MinItems, array.MaxItems) = (1, BatchSplitter.MaxEvents);
            }

            if (!body.IsRequired)
            {
                content.Schema = new OpenApiSchema { OneOf = [new OpenApiSchema { Type = JsonSchemaType.Null }, content.Schema!] };
            }
        }

        return Task.CompletedTask;
    }

    private static OpenApiSchema LinesOf(Type entry) => new()
    {
        Type = JsonSchemaType.String,
        Description = $"1 to {BatchSplitter.MaxEvents} lines, each a JSON object as {entry.Name} describes it; blank lines are passed over.",
    };
}
