using System.Text;
using Tests.Logging;

namespace Tests.Middleware.Http.Contract.Fuzz;

/// <summary>Requests made of the document, some as it says and some not, to every route of a running service: each answer must be as it says too.</summary>
public class FuzzingRoutes
{
    private const int Rounds = 100;
    private const int RoundsOfAnEndpoint = 10;
    private const string ReplayOfMade = """{"of":"events","filter":{"event_type":"made"}}""";

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Every_answer_is_as_the_document_says(int seed)
    {
        using var folder = new TemporaryDirectory();
        await using var service = MiddlewareService.OnKestrel(("DATA_DIR", folder.Path));
        var fuzz = await StartAsync(service, seed);

        for (var round = 0; round < Rounds || (round < 2 * Rounds && !fuzz.HasMetEveryOperation); round++)
        {
            // Requests disable its endpoint, and discard dead letters or replay all of them: one more is there each time. Few that are made start a bulk replay.
            await service.Status(HttpMethod.Post, "/api/v1/endpoints/default/enable");
            await service.Status(HttpMethod.Post, "/api/v1/replays", ReplayOfMade);
            await service.Status(HttpMethod.Post, "/integrations/events", ServiceRequests.Event("tests", "refused"));
            await fuzz.RoundAsync(mayBeUnavailable: false);
        }

        fuzz.IsAsDescribed();
        fuzz.MetEveryOperation();

        // So that nothing of it passes for want of requests.
        var met = fuzz.Document.Operations.SelectMany(fuzz.Met).ToHashSet();
        Assert.Superset(new HashSet<int> { 200, 201, 202, 204, 400, 404, 409, 412, 413, 415, 422, 428 }, met);
    }

    [Fact]
    public async Task What_cannot_be_done_without_the_store_is_answered_as_the_document_says()
    {
        using var folder = new TemporaryDirectory();
        await using var service = MiddlewareService.OnKestrel(("DATA_DIR", folder.Path));
        var fuzz = await StartAsync(service, seed: 3);
        await fuzz.RoundAsync(mayBeUnavailable: false);

        File.Delete(Path.Combine(folder.Path, "events.db"));
        for (var round = 0; round < Rounds / 3; round++)
        {
            await fuzz.RoundAsync(mayBeUnavailable: true);
        }

        fuzz.IsAsDescribed();
        var unavailable = fuzz.Document.Operations.Where(operation => fuzz.Met(operation).Contains(503)).Select(static operation => operation.Path).ToList();
        Assert.Contains("/integrations/events", unavailable);
        Assert.Contains("/integrations/events/batch", unavailable);
        Assert.Contains("/v2/integrations/events", unavailable);
        Assert.Contains("/health", unavailable);
    }

    [Fact(Timeout = 180_000)]
    [RunsNatively]
    public async Task Every_answer_of_a_service_with_a_receiver_is_as_the_document_says()
    {
        await using var stage = await LogStage.StartAsync();
        await stage.EndpointAsync("refused", "/status/400");
        await stage.EndpointAsync("made", "/");
        for (var number = 0; number < 20; number++)
        {
            await stage.EventAsync("made");
            await stage.DeadLetterAsync(await stage.EventAsync("refused"));
        }

        // Requests revoke them, and one that is left is to be rotated.
        using var http = new HttpClient { BaseAddress = stage.Service.Address };
        await MakeKeysAsync(http);
        var fuzz = new Fuzz(http, await ServedDocument.OfAsync(http), seed: 4) { Receiver = stage.ReceiverUrl };

        // The time of its receiver is the machine's: a dead letter that a round asks for may be under way, or held by a bulk replay.
        for (var round = 0; round < Rounds || (round < 2 * Rounds && !fuzz.HasMetEveryOperation); round++)
        {
            if (round % RoundsOfAnEndpoint == 0)
            {
                // Requests delete, disable and change the one of before, and without it no dead letter is replayed.
                await stage.EndpointAsync("refused", "/status/400");
                using var replay = await http.SendJson(HttpMethod.Post, "/api/v1/replays", ReplayOfMade);
            }

            await stage.TryEventAsync("refused");
            await fuzz.RoundAsync(mayBeUnavailable: false);
        }

        fuzz.IsAsDescribed();
        fuzz.MetEveryOperation();
        await stage.StopServiceAsync();
    }

    private static async Task MakeKeysAsync(HttpClient http)
    {
        for (var number = 0; number < 20; number++)
        {
            await http.SendJson(HttpMethod.Post, "/api/v1/keys", """{"name":"other","scopes":["metrics"]}""").HasStatus(HttpStatusCode.Created);
        }
    }

    /// <summary>A service in which there is something: events that were delivered, dead letters, an endpoint.</summary>
    private static async Task<Fuzz> StartAsync(MiddlewareService service, int seed)
    {
        service.Receiver.StatusOf["refused"] = 400;
        for (var number = 0; number < 40; number++)
        {
            await service.Post("/integrations/events", HttpStatusCode.OK, ServiceRequests.Event("tests", number % 2 == 0 ? "refused" : "made"));
        }

        await service.Create("""{"name":"other","url":"https://example.com/hook"}""");
        await MakeKeysAsync(service.Http);
        return new Fuzz(service.Http, await ServedDocument.OfAsync(service), seed) { Passing = () => service.Clock.Advance(TimeSpan.FromSeconds(1)) };
    }

    /// <summary>A service under such requests.</summary>
    private sealed class Fuzz
    {
        private static readonly string[] Erasing =
            ["POST /api/v1/erasures", "GET /api/v1/erasures/{erasure_id}", "DELETE /api/v1/erasures/{erasure_id}", "DELETE /api/v1/events/{event_id}"];

        private readonly HttpClient _http;
        private readonly RequestMaker _maker;
        private readonly AnswerCheck _check;
        private readonly KnownIds _known;
        private int _rounds;

        public Fuzz(HttpClient http, ServedDocument document, int seed)
        {
            var random = new Random(seed);
            var schemas = new SchemaCheck(document);
            (_http, Document, _known) = (http, document, new KnownIds(random));
            _maker = new RequestMaker(document, schemas, _known, random);
            _check = new AnswerCheck(schemas);
        }

        public ServedDocument Document { get; }

        /// <summary>Lets the time of a round pass; where the service has the machine's time it passes by itself.</summary>
        public Action? Passing { get; init; }

        /// <summary>Stands in the place of every receiver that requests name; null where nothing is sent to them.</summary>
        public string? Receiver { get; init; }

        public SortedSet<int> Met(Operation operation) => _check.Met.GetValueOrDefault(operation.ToString()) ?? [];

        public void IsAsDescribed() => Assert.True(_check.Faults.Count == 0, string.Join('\n', _check.Faults.Values));

        public bool HasMetEveryOperation => !NotMet.Any();

        /// <summary>The operations whose answers end by themselves.</summary>
        private IEnumerable<Operation> Ending => Document.Operations.Where(static operation => !operation.IsStream);

        private IEnumerable<string> NotMet => Ending.Where(operation => !Met(operation).Any(IsSuccess)).Select(static operation => operation.ToString());

        public void MetEveryOperation() => Assert.Empty(NotMet);

        /// <summary>A request to each operation.</summary>
        public async Task RoundAsync(bool mayBeUnavailable)
        {
            // Nothing is left to replay of what is erased or discarded in bulk, so that comes last, when all else was met.
            _rounds++;
            var mayErase = mayBeUnavailable || _rounds > Rounds * 3 / 2 || (_rounds > Rounds * 3 / 4 && IsAllElseMet);
            foreach (var operation in Ending.Where(operation => mayErase || !Erasing.Contains(operation.ToString())))
            {
                var request = _maker.Make(operation);
                if (!mayErase && request.Body is { } order && Encoding.UTF8.GetString(order).Contains("\"discard\"", StringComparison.Ordinal))
                {
                    continue;
                }

                if (Receiver is not null && request.Body is { } made)
                {
                    request = request with { Body = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(made).Replace(SchemaValues.Receiver, Receiver, StringComparison.Ordinal)) };
                }

                using var message = request.ToMessage();
                // A server may end the connection of what it refused; the next request must not be sent into one that is ending.
                message.Headers.ConnectionClose = true;
                using var answer = await _http.SendAsync(message, Waiting.Cancellation).InTime();
                var body = await _check.HoldAsync(request, answer, mayBeUnavailable);
                if (answer.IsSuccessStatusCode)
                {
                    _known.Learn(operation, body);
                }
            }

            Passing?.Invoke();
        }

        private bool IsAllElseMet => !NotMet.Except(Erasing).Any();

        private static bool IsSuccess(int status) => status < 300;
    }
}
