using System.Collections.Frozen;
using System.Globalization;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.OpenApi;

namespace Middleware.Api.OpenApi;

/// <summary>When each status is answered, with which headers, and an example of each body.</summary>
internal sealed class OperationAnswers : IOpenApiOperationTransformer
{
    private static readonly FrozenDictionary<int, string> Texts = new Dictionary<int, string>
    {
        [StatusCodes.Status200OK] = "As it is.",
        [StatusCodes.Status201Created] = "It is registered.",
        [StatusCodes.Status202Accepted] = "It is under way.",
        [StatusCodes.Status204NoContent] = "It is gone.",
        [StatusCodes.Status400BadRequest] = "The request is not valid; all that is wrong is told at once.",
        [StatusCodes.Status404NotFound] = "It is not known: it never was, or is gone.",
        [StatusCodes.Status409Conflict] = "As things stand it cannot be done; nothing was changed.",
        [StatusCodes.Status412PreconditionFailed] = "It was changed meanwhile: get it and decide again.",
        [StatusCodes.Status408RequestTimeout] = "The body came slower than 16 KiB a second; the connection ends.",
        [StatusCodes.Status413PayloadTooLarge] = "The body is larger than 64 KiB.",
        [StatusCodes.Status415UnsupportedMediaType] = "The content type or the content encoding is another than those of the body.",
        [StatusCodes.Status428PreconditionRequired] = "`If-Match` is missing.",
        [StatusCodes.Status503ServiceUnavailable] = "The store is not available; nothing was changed.",
    }.ToFrozenDictionary();

    public Task TransformAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        var shown = context.Description.ActionDescriptor.EndpointMetadata.OfType<ShownHeader>().ToList();
        var said = context.Description.ActionDescriptor.EndpointMetadata.OfType<IProducesResponseTypeMetadata>().Where(static answer => answer.Description is not null).ToList();
        var sorted = new OpenApiResponses();
        foreach (var (status, answer) in operation.Responses!.OrderBy(static answer => answer.Key, StringComparer.Ordinal))
        {
            var code = int.Parse(status, CultureInfo.InvariantCulture);
            var response = (OpenApiResponse)answer;
            sorted.Add(status, response);
            response.Description = said.LastOrDefault(answer => answer.StatusCode == code)?.Description ?? Texts.GetValueOrDefault(code) ?? ReasonPhrases.GetReasonPhrase(code);
            if (code == StatusCodes.Status415UnsupportedMediaType)
            {
                shown.Add(new ShownHeader(DescribedHeader.AcceptedBy(context.Description.HttpMethod), code));
            }

            AddHeaders(response, code, shown.Where(header => header.Status is null || header.Status == code).Select(static header => header.Header), context.Document!);
            var type = context.Description.SupportedResponseTypes.LastOrDefault(found => found.StatusCode == code)?.Type;
            foreach (var content in response.Content?.Values ?? [])
            {
                content.Example = code >= StatusCodes.Status400BadRequest ? Examples.OfProblem(code, response.Description!) : Examples.Of(type!);
            }
        }

        operation.Responses = sorted;
        return Task.CompletedTask;
    }

    /// <summary>Each answer has the correlation id, and those that ask for patience say how much.</summary>
    public static void AddHeaders(OpenApiResponse response, int status, IEnumerable<DescribedHeader> shown, OpenApiDocument document)
    {
        response.Headers ??= new Dictionary<string, IOpenApiHeader>();
        var isPatient = status is StatusCodes.Status503ServiceUnavailable or StatusCodes.Status429TooManyRequests;
        foreach (var header in shown.Prepend(DescribedHeader.AnsweredCorrelationId).Concat(isPatient ? [DescribedHeader.RetryAfter] : []))
        {
            document.AddComponent(header.Name, header.ToHeader());
            response.Headers[header.Name] = new OpenApiHeaderReference(header.Name, document);
        }
    }
}
