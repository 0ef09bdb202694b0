using System.Net;
using System.Net.Http.Headers;
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
internal sealed class HttpEventFeed(IHttpClientFactory clients, Credential credential, TimeProvider clock) : IEventFeed
{
    // The service sends a comment every 15 s.
    private static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(45);

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
        using var lines = new StreamReader(body);
        var (id, data) = ((string?)null, "");
        while (await LineAsync(lines, cancellationToken) is { } line)
        {
            if (line.Length == 0)
            {
                // An id counts when its block is whole, also without an event: the service moves it past those that are not asked for.
                place.LastId = id ?? place.LastId;
                if (data.Length > 0)
                {
                    yield return Read(data);
                }

                (id, data) = (null, "");
            }
            else if (line.StartsWith("id:", StringComparison.Ordinal))
            {
                id = line[3..].TrimStart(' ');
            }
            else if (line.StartsWith("data:", StringComparison.Ordinal))
            {
                data += line[5..].TrimStart(' ');
            }
        }
    }

    /// <summary>The next line; null at the end.</summary>
    private async Task<string?> LineAsync(StreamReader lines, CancellationToken cancellationToken)
    {
        using var silence = new CancellationTokenSource(LongestSilence, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(silence.Token, cancellationToken);
        try
        {
            return await lines.ReadLineAsync(either.Token);
        }
        catch (Exception fault) when (fault is IOException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            throw new HttpRequestException(HttpRequestError.InvalidResponse, $"the stream of events broke off ({fault.Message})", fault);
        }
    }

    private static EventItem? Read(string data)
    {
        try
        {
            return JsonSerializer.Deserialize<EventItem>(data, Json);
        }
        catch (JsonException fault)
        {
            throw new HttpRequestException(HttpRequestError.InvalidResponse, $"the stream has data that is no event ({fault.Message})", fault);
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
