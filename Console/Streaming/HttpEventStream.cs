using System.Net;
using System.Net.Http.Headers;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using AspireIntegration.Client;
using AspireIntegration.Client.Operating;
using AspireIntegration.Console.Components;
using AspireIntegration.Console.SigningIn;
using Microsoft.AspNetCore.Http.Extensions;

namespace AspireIntegration.Console.Streaming;

/// <summary>Reads the server-sent events of the middleware.</summary>
/// <seealso href="https://html.spec.whatwg.org/multipage/server-sent-events.html"/>
internal sealed class HttpEventStream(IHttpClientFactory clients, Credential credential) : IEventStream
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public async IAsyncEnumerable<EventItem?> FollowAsync(StreamAsk asked, StreamPlace place, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var http = clients.CreateClient(ConsoleRegistration.HttpName);
        using var request = new HttpRequestMessage(HttpMethod.Get, PathOf(asked));
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));
        if (place.LastId is { Length: > 0 } last)
        {
            request.Headers.Add("Last-Event-ID", last);
        }

        if (await credential.ReadAsync(cancellationToken) is { Length: > 0 } key)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }

        using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        if (!answer.IsSuccessStatusCode)
        {
            throw await RefusalAsync(answer, cancellationToken);
        }

        yield return null;
        await using var body = await answer.Content.ReadAsStreamAsync(cancellationToken);
        var parser = SseParser.Create(body, static (_, data) => JsonSerializer.Deserialize<EventItem>(data, Json));
        await using var events = parser.EnumerateAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (await NextAsync(events, parser, place))
        {
            yield return events.Current.Data;
        }
    }

    private static async Task<bool> NextAsync(IAsyncEnumerator<SseItem<EventItem?>> events, SseParser<EventItem?> parser, StreamPlace place)
    {
        try
        {
            return await events.MoveNextAsync();
        }
        catch (Exception fault) when (fault is IOException or JsonException)
        {
            throw new HttpRequestException(HttpRequestError.InvalidResponse, $"the stream of events broke off ({fault.Message})", fault);
        }
        finally
        {
            // Also where no event came: the service moves the id past those that are not asked for.
            place.LastId = parser.LastEventId is { Length: > 0 } id ? id : place.LastId;
        }
    }

    private static string PathOf(StreamAsk asked)
    {
        var query = new QueryBuilder();
        foreach (var (name, value) in new[]
        {
            ("source", asked.Query.Source), ("event_type", asked.Query.EventType), ("priority", asked.Query.Priority is { } priority ? Names.Of(priority) : null),
            ("correlation_id", asked.Query.CorrelationId), ("q", asked.Query.Q), ("filter", asked.Filter),
        })
        {
            if (value is not null)
            {
                query.Add(name, value);
            }
        }

        return $"api/v1/events/stream{query}";
    }

    private static async Task<AspireIntegrationException> RefusalAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        var text = await answer.Content.ReadAsStringAsync(cancellationToken);
        var problem = answer.Content.Headers.ContentType?.MediaType == "application/problem+json" ? JsonSerializer.Deserialize<Problem>(text, Json) : null;
        return new AspireIntegrationException(answer.StatusCode, problem?.Title ?? answer.ReasonPhrase ?? nameof(HttpStatusCode.BadGateway), problem?.Detail)
        {
            Errors = problem?.Errors ?? new Dictionary<string, IReadOnlyList<string>>(),
            RetryAfter = answer.Headers.RetryAfter?.Delta,
        };
    }

    private sealed record Problem(string? Title, string? Detail, IReadOnlyDictionary<string, IReadOnlyList<string>>? Errors);
}
