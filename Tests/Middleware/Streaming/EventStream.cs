namespace Tests.Middleware.Streaming;

/// <summary>A stream of server-sent events as its client reads it.</summary>
internal sealed class EventStream : IDisposable
{
    public const string Path = "/api/v1/events/stream";

    private readonly StreamReader _lines;

    private EventStream(HttpResponseMessage answer, Stream body) => (Answer, _lines) = (answer, new StreamReader(body));

    public HttpResponseMessage Answer { get; }

    /// <summary>The last id that came, with an event or by itself.</summary>
    public string LastId => Ids is [.., var last] ? last : "";

    /// <summary>All ids that came.</summary>
    public List<string> Ids { get; } = [];

    /// <summary>The lines that came beside those of events.</summary>
    public List<string> Others { get; } = [];

    /// <summary>Listens, and returns when the first id is there.</summary>
    public static async Task<EventStream> OpenAsync(HttpClient http, string query = "", params string[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Path + query);
        foreach (var header in headers.Select(static header => header.Split(": ", 2)))
        {
            request.Headers.Add(header[0], header[1]);
        }

        var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Waiting.Cancellation).InTime();
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var stream = new EventStream(answer, await answer.Content.ReadAsStreamAsync(Waiting.Cancellation));
        while (stream.LastId.Length == 0)
        {
            Assert.NotNull(await stream.ReadLineAsync());
        }

        return stream;
    }

    /// <summary>Goes on after an id.</summary>
    public static Task<EventStream> OpenAfterAsync(HttpClient http, string id) => OpenAsync(http, "", $"Last-Event-ID: {id}");

    /// <summary>The data of the next event; null when the stream has ended.</summary>
    public async Task<JsonNode?> NextAsync()
    {
        while (await ReadLineAsync() is { } line)
        {
            if (line.StartsWith("data: ", StringComparison.Ordinal))
            {
                return JsonNode.Parse(line[6..]);
            }
        }

        return null;
    }

    /// <summary>The ids of the next events.</summary>
    public async Task<List<string>> NextIdsAsync(int count)
    {
        var ids = new List<string>();
        while (ids.Count < count && await NextAsync() is { } item)
        {
            ids.Add((string)item["event_id"]!);
        }

        return ids;
    }

    /// <summary>Reads on until it ends, whether well or cut off, and gives the events that came.</summary>
    public async Task<int> ReadToEndAsync()
    {
        var count = 0;
        while (await NextAsync() is not null)
        {
            count++;
        }

        return count;
    }

    public void Dispose()
    {
        _lines.Dispose();
        Answer.Dispose();
    }

    /// <summary>The next line; null at the end.</summary>
    public async Task<string?> ReadLineAsync()
    {
        string? line;
        try
        {
            line = await _lines.ReadLineAsync(Waiting.Cancellation).InTime();
        }
        catch (Exception fault) when (fault is IOException or HttpRequestException)
        {
            return null;
        }

        if (line?.StartsWith("id: ", StringComparison.Ordinal) == true)
        {
            Ids.Add(line[4..]);
        }
        else if (line is { Length: > 0 } && !line.StartsWith("data: ", StringComparison.Ordinal))
        {
            Others.Add(line);
        }

        return line;
    }
}
