using System.Reflection;
using System.Text.Json;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Middleware.Api.OpenApi;

/// <summary>
/// An id such as <c>endpoints_rotateSecret</c> from the route's tag and handler, which generators take for a client and its method, and the
/// first sentence of the handler's summary as the title.
/// </summary>
internal sealed class OperationTexts(XmlTexts texts) : IOpenApiOperationTransformer
{
    private const string Suffix = "Async";

    public Task TransformAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        if (context.Description.ActionDescriptor.EndpointMetadata.OfType<MethodInfo>().LastOrDefault() is { } handler)
        {
            var name = handler.Name.EndsWith(Suffix, StringComparison.Ordinal) ? handler.Name[..^Suffix.Length] : handler.Name;
            operation.OperationId = $"{Camel(operation.Tags?.FirstOrDefault()?.Name ?? "")}_{Camel(name)}";
            operation.Description = texts.Of(handler);
            operation.Summary = operation.Description is { } text ? FirstSentence(text).Replace("`", "", StringComparison.Ordinal) : null;
        }

        return Task.CompletedTask;
    }

    private static string Camel(string words)
    {
        var joined = string.Concat(words.Split(' ').Select(static word => char.ToUpperInvariant(word[0]) + word[1..]));
        return JsonNamingPolicy.CamelCase.ConvertName(joined);
    }

    private static string FirstSentence(string text)
    {
        var end = text.AsSpan().IndexOfAny(".;:");
        while (end >= 0 && end + 1 < text.Length && !char.IsWhiteSpace(text[end + 1]))
        {
            end = text.AsSpan(end + 1).IndexOfAny(".;:") is >= 0 and var next ? end + 1 + next : -1;
        }

        return end < 0 ? text : text[..end];
    }
}
