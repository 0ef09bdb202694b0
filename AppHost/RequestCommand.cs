using System.Net.Http.Headers;
using System.Net.Mime;
using System.Text;
using System.Text.Json.Nodes;

namespace AppHost;

/// <summary>The two ends of a command of the dashboard that is one request to a service: its JSON, and the sentence that shows the answer.</summary>
internal static class RequestCommand
{
    /// <summary>Sends JSON, with an API key where one is asked for.</summary>
    public static Func<HttpCommandRequestContext, Task> Sends(string json, ParameterResource? key = null) => async context =>
    {
        context.Request.Content = new StringContent(json, Encoding.UTF8, MediaTypeNames.Application.Json);

        // Of several replicas each connection reaches one, and the next connection the next one.
        context.Request.Headers.ConnectionClose = true;
        if (key is not null)
        {
            context.Request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await key.GetValueAsync(context.CancellationToken));
        }
    };

    /// <summary>Shows the answer by a sentence; a refusal by its status and what the service says of it.</summary>
    public static Func<HttpCommandResultContext, Task<ExecuteCommandResult>> Shows(Func<JsonNode?, string> sentence) => async context =>
    {
        var body = await context.Response.Content.ReadAsStringAsync(context.CancellationToken);
        return context.Response.IsSuccessStatusCode
            ? CommandResults.Success(sentence(body.Length == 0 ? null : JsonNode.Parse(body)))
            : CommandResults.Failure($"{(int)context.Response.StatusCode} {context.Response.ReasonPhrase}: {body}");
    };
}
