using System.Runtime.CompilerServices;
using System.Text.Json;
using AspireIntegration.Client.Json;
using AspireIntegration.Client.Operating;
using AspireIntegration.Client.Publishing;

namespace AspireIntegration.Client.Transport;

/// <summary>
/// Follows the stream of accepted events. A lost connection is opened again with the last id, so that no event is left out or comes twice.
/// </summary>
/// <remarks>
/// The parser of the base library takes an id when its line is read. An event whose rest was lost would be skipped by it. Here an id counts when its
/// block is whole, also where the block has no data.
/// </remarks>
/// <seealso href="https://html.spec.whatwg.org/multipage/server-sent-events.html"/>
internal sealed class EventStream(ApiTransport transport, string path, EventStreamPosition position)
{
    // The service sends a comment every 15 s.
    private static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(45);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    /// <summary>Reads events until <paramref name="cancellationToken"/> ends it.</summary>
    /// <exception cref="AspireIntegrationException">The service refuses the stream, at first or for good.</exception>
    /// <exception cref="HttpRequestException">The first connection failed, or the stream has data that is no event.</exception>
    public async IAsyncEnumerable<StreamedEvent> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var isFirst = true; ; isFirst = false)
        {
            TimeSpan? asked = null;
            HttpResponseMessage? answer = null;
            try
            {
                answer = await OpenAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (Exception failure) when (!isFirst && PublishAttempts.IsTransient(failure))
            {
                asked = (failure as AspireIntegrationException)?.RetryAfter;
            }

            if (answer is not null)
            {
                using (answer)
                {
                    position.ConnectionChanged?.Invoke(true);
                    using var lines = new StreamReader(await answer.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false));
                    while (await NextAsync(lines, cancellationToken).ConfigureAwait(false) is { } data)
                    {
                        if (data.Length > 0)
                        {
                            yield return new StreamedEvent(position.LastEventId ?? "", Read(data));
                        }
                    }
                }

                position.ConnectionChanged?.Invoke(false);
            }

            await Task.Delay(asked > Pause ? asked.Value : Pause, transport.Clock, cancellationToken).ConfigureAwait(false);
        }
    }

    private static AcceptedEventItem Read(string data)
    {
        try
        {
            return JsonSerializer.Deserialize(data, ClientJson.Default.AcceptedEventItem) ?? throw new JsonException("The event is null.");
        }
        catch (JsonException fault)
        {
            throw new HttpRequestException(HttpRequestError.InvalidResponse, $"The stream has data that is no event: {fault.Message}", fault);
        }
    }

    private async Task<HttpResponseMessage> OpenAsync(CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, transport.At(path));
        request.Headers.Accept.ParseAdd("text/event-stream");
        if (position.LastEventId is { Length: > 0 } last)
        {
            request.Headers.Add("Last-Event-ID", last);
        }

        var answer = await transport.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
        if (answer.IsSuccessStatusCode)
        {
            return answer;
        }

        using (answer)
        {
            throw await Refusal.ReadAsync(answer, transport.Clock, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>The data of the next whole block, whose id is the last one from then on; null when the connection is lost, silent or ended.</summary>
    private async Task<string?> NextAsync(StreamReader lines, CancellationToken cancellationToken)
    {
        var (id, data) = ((string?)null, "");
        while (true)
        {
            string? line;
            using (var silence = new CancellationTokenSource(LongestSilence, transport.Clock))
            using (var either = CancellationTokenSource.CreateLinkedTokenSource(silence.Token, cancellationToken))
            {
                try
                {
                    line = await lines.ReadLineAsync(either.Token).ConfigureAwait(false);
                }
                catch (Exception lost) when (!cancellationToken.IsCancellationRequested && lost is IOException or HttpRequestException or OperationCanceledException)
                {
                    line = null;
                }
            }

            cancellationToken.ThrowIfCancellationRequested();
            switch (line)
            {
                case null:
                    return null;
                case "":
                    position.LastEventId = id ?? position.LastEventId;
                    return data;
                case ['i', 'd', ':', .. var value]:
                    id = value.TrimStart(' ');
                    break;
                case ['d', 'a', 't', 'a', ':', .. var value]:
                    data += value.TrimStart(' ');
                    break;
                default:
                    // A comment, the name of the event, or the pause that the service wishes.
                    break;
            }
        }
    }
}
