using System.Text;
using Tests.Middleware.Http.Contract;
using Tests.Middleware.Http.Contract.Fuzz;

namespace Tests.Middleware.Callers.Mutated;

/// <summary>An operation of a route, which the document has or not.</summary>
/// <param name="Operation">Its method, path and bodies.</param>
/// <param name="Route">Its route in the table of scopes.</param>
/// <param name="IsDescribed">Whether the document has it: it has no HEAD, and no versions in another writing.</param>
internal sealed record Target(Operation Operation, string Route, bool IsDescribed)
{
    public string Name => Operation.ToString();

    /// <summary>All operations of all routes.</summary>
    public static List<Target> All(ServedDocument document)
    {
        var described = document.Operations.ToDictionary(static operation => operation.ToString());
        return
        [
            .. described.Where(static entry => !entry.Value.IsStream).Select(static entry => new Target(entry.Value, entry.Key, IsDescribed: true)),
            .. RouteScopes.Table.Keys.Except(described.Keys).Select(route => new Target(Of(route.Split(' ')[0], route), route, IsDescribed: false)),
            .. RouteScopes.Table.Keys.Where(static route => route.StartsWith("GET ", StringComparison.Ordinal)).Select(route => new Target(Of("HEAD", route), route, IsDescribed: false)),
        ];

        Operation Of(string method, string route) => new(
            method,
            RouteScopes.Filled(route.Split(' ')[1].Replace("{version}", "02", StringComparison.Ordinal)),
            described.GetValueOrDefault(route.Replace("{version}", "2", StringComparison.Ordinal))?.Json ?? [],
            document);
    }
}

/// <summary>The mutated requests of a seed.</summary>
internal sealed class MutationRun : IDisposable
{
    private const int AtOnce = 8;
    private const string Sentinel = "\r\n\r\nGET /alive HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

    // Only lets connections go on which the service waits for more.
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(100);

    private readonly MutationStage _stage;
    private readonly HttpClient _http;
    private readonly KnownIds _known;
    private readonly RequestMaker _maker;
    private readonly OddBodies _odd;
    private readonly ByteMutations _mutations;

    public MutationRun(MutationStage stage, ServedDocument document, int seed)
    {
        var random = new Random(seed);
        var schemas = new SchemaCheck(document);
        (_stage, _known, Targets) = (stage, new KnownIds(random) { Spared = stage.KeyIds }, Target.All(document));
        _http = new HttpClient { BaseAddress = stage.Address };
        (_maker, _odd, _mutations) = (new RequestMaker(document, schemas, _known, random), new OddBodies(random), new ByteMutations(random));
        (Judge, Described) = (new AnswerJudge(stage), new AnswerCheck(schemas));
    }

    public IReadOnlyList<Target> Targets { get; }

    public AnswerJudge Judge { get; }

    /// <summary>Holds answers against the document.</summary>
    public AnswerCheck Described { get; }

    public int Sent { get; private set; }

    /// <summary>Two requests of each caller to each operation: one as the document says or nearly so, and one of bytes.</summary>
    public async Task RoundAsync(int most)
    {
        var seeded = await _stage.SeedAsync();
        foreach (var target in Targets.Where(target => seeded.ContainsKey(target.Route)))
        {
            foreach (var caller in _stage.Callers)
            {
                // So that each caller asks for what only some may see, whatever the seed.
                await SendAsync(target, caller, new FuzzedRequest(target.Operation, seeded[target.Route], [], null, null));
                Sent++;
            }
        }

        foreach (var target in Targets)
        {
            List<(SentRequest Request, byte[] Bytes)> raw = [];
            foreach (var caller in _stage.Callers.Where(_ => Sent < most))
            {
                await SendAsync(target, caller, Make(target));
                var (mutation, bytes) = _mutations.Mutate(Make(target), caller);
                raw.Add((new SentRequest(target.Name, caller, $"{mutation}: {Encoding.Latin1.GetString(bytes)}"), bytes));
                Sent += 2;
            }

            await Parallel.ForEachAsync(
                raw, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = Waiting.Cancellation },
                async (sent, _) => Judge.Judge(sent.Request, await ExchangeAsync(sent.Bytes)));
        }
    }

    public void Dispose() => _http.Dispose();

    private FuzzedRequest Make(Target target)
    {
        var request = _odd.Change(_maker.Make(target.Operation));
        return request.Body is not { } made ? request
            : request with { Body = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(made).Replace(SchemaValues.Receiver, _stage.ReceiverUrl, StringComparison.Ordinal)) };
    }

    private async Task SendAsync(Target target, MutatedCaller caller, FuzzedRequest request)
    {
        using var message = request.ToMessage();
        message.Headers.ConnectionClose = true;
        foreach (var (name, value) in caller.Headers)
        {
            message.Headers.Add(name, value);
        }

        using var answer = await _http.SendAsync(message, Waiting.Cancellation).InTime();
        var received = new ReceivedAnswer(
            (int)answer.StatusCode, answer.Content.Headers.ContentType?.MediaType, $"{answer.Headers}{answer.Content.Headers}", await answer.Content.ReadAsStringAsync(Waiting.Cancellation));
        Judge.Judge(
            new SentRequest(target.Name, caller, request.ToString()), received, RouteScopes.Permits(target.Route, caller.Scopes),
            mayLack: request.Path.Contains("q=", StringComparison.Ordinal) || (target.Route == "GET /api/v1/events/stream" && request.Path.Contains("filter=", StringComparison.Ordinal)));
        if (!target.IsDescribed)
        {
            return;
        }

        var body = await Described.HoldAsync(request, answer, mayBeUnavailable: false);
        if (answer.StatusCode < HttpStatusCode.Ambiguous)
        {
            _known.Learn(target.Operation, body);
        }
    }

    /// <summary>Sends bytes, and behind them a request that ends the connection where the service takes it for one.</summary>
    private async Task<string> ExchangeAsync(byte[] bytes)
    {
        using var connection = await RawConnection.OpenAsync(_stage.Address);
        try
        {
            await connection.SendAsync((byte[])[.. bytes, .. Encoding.Latin1.GetBytes(Sentinel)]);
        }
        catch (IOException)
        {
            // Closed before all was sent; there may be an answer.
        }

        return await connection.ReadToEndAsync(Patience);
    }
}
