using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Middleware.Callers;
using Tests.Middleware.Callers;
using Tests.Middleware.Crash;
using Tests.Middleware.Storage.AtRest;
using Tests.Middleware.Streaming;
using Tests.Tracing;

namespace Tests.Middleware.Leaks;

/// <summary>
/// The middleware as a process that is given a canary wherever it takes a secret, that logs all it can, and exports all telemetry. Its receivers answer
/// canaries too.
/// </summary>
internal sealed class LeakStage : IAsyncDisposable
{
    /// <summary>Stands in everything that is kept, logged and exported of the requests: a place without it was not looked at.</summary>
    public const string Seen = "correlation-that-is-seen";

    /// <summary>The most that the settings can have logged, in all their forms.</summary>
    private static readonly string[] Verbose =
    [
        .. from provider in (string[])["", "Console__", "OpenTelemetry__"]
           from category in (string[])["Default", "Microsoft.AspNetCore", "Microsoft.AspNetCore.Hosting.Diagnostics", "Microsoft.Extensions.Diagnostics.HealthChecks", "System.Net.Http", "Polly"]
           select $"Logging__{provider}LogLevel__{category}=Trace",
    ];

    private readonly TemporaryDirectory _secrets = new();
    private readonly ConcurrentQueue<byte[]> _received = new();
    private readonly List<ServiceProcess> _processes = [];
    private readonly HttpClient _http = new();
    private WebReceiver _web = null!;
    private Collector _collector = null!;
    private RunningMiddleware _middleware = null!;

    private readonly string _response;
    private readonly string _accessToken;

    private LeakStage() => (_response, _accessToken) = (Canaries.Add("response"), Canaries.Add("access token"));

    public Canaries Canaries { get; } = new();

    public string AdminKey { get; } = KeyText.Generate();

    public MadeTokens Tokens { get; } = new();

    public string Folder => _middleware.Folder;

    public Uri Address => _middleware.Process.Address;

    /// <summary>A reference to a file with a secret.</summary>
    public string Reference => $$"""{"secret_ref":"file:{{Path.Combine(_secrets.Path, "header")}}"}""";

    /// <summary>All that reached the receivers, heads and bodies.</summary>
    public IEnumerable<byte[]> Received => _received;

    /// <summary>All lines on both outputs, of all processes.</summary>
    public IEnumerable<string> Lines => _processes.SelectMany(static process => process.Output.Concat(process.Errors));

    /// <summary>All exported traces, metrics and logs.</summary>
    public IReadOnlyCollection<(string Path, byte[] Body)> Exports => _collector.Exports;

    public static async Task<LeakStage> StartAsync(bool encrypted)
    {
        var stage = new LeakStage();
        try
        {
            await stage.SetAsync(encrypted);
            return stage;
        }
        catch
        {
            await stage.DisposeAsync();
            throw;
        }
    }

    public string Url(string path) => _web.At(path).ToString();

    /// <summary>Kills the service and looks at the files that are left, the log among them; then starts it again.</summary>
    public async Task<string[]> KillAndLookAsync()
    {
        await _middleware.Process.KillAsync();
        var left = Canaries.In(Canary.Files(Folder));
        await _middleware.KillAndStartAsync();
        _processes.Add(_middleware.Process);
        return left;
    }

    public async Task StopAsync() => Assert.Equal(0, await _middleware.StopAsync());

    /// <summary>Copies of the running store, as operators make them.</summary>
    public IReadOnlyList<byte[]> Backups()
    {
        using var folder = new TemporaryDirectory();
        using var source = StoreSql.OpenFile(StoredFile.PathIn(Folder));
        using (var target = StoreSql.OpenFile(Path.Combine(folder.Path, "online.db")))
        {
            source.BackupDatabase(target);
        }

        StoreSql.Execute(StoredFile.PathIn(Folder), $"VACUUM INTO '{Path.Combine(folder.Path, "vacuumed.db")}'");
        return [.. Canary.Files(folder.Path)];
    }

    /// <summary>Asks as the holder of a credential, and notes nothing of the answer but what is returned.</summary>
    public async Task<(HttpStatusCode Status, string Text)> SendAsync(string? credential, HttpMethod method, string path, string? body = null, params string[] headers)
    {
        string[] usual = [.. headers is [var first, ..] && first.StartsWith("X-Correlation-ID", StringComparison.Ordinal) ? (string[])[] : [$"X-Correlation-ID: {Seen}"], .. method == HttpMethod.Put || method == HttpMethod.Patch || method == HttpMethod.Delete ? (string[])["If-Match: *"] : []];
        string[] shown = credential is null ? [] : [KeyedService.As(credential)];
        var type = method == HttpMethod.Patch ? "application/merge-patch+json" : "application/json";
        using var answer = await _http.Send(method, new Uri(Address, path).ToString(), body is null ? null : Encoding.UTF8.GetBytes(body), type, [.. usual, .. shown, .. headers]);
        return (answer.StatusCode, $"{answer.Headers}{answer.Content.Headers}{await answer.Content.ReadAsStringAsync(Waiting.Cancellation)}");
    }

    /// <summary>Follows the stream from the first event to that of a type, as the holder of a credential; gives all that came, a refusal too.</summary>
    public async Task<string> FollowAsync(string credential, string type)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(Address, EventStream.Path + "?last_event_id=s.0"));
        var header = KeyedService.As(credential).Split(": ");
        request.Headers.Add(header[0], header[1]);
        using var answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Waiting.Cancellation);
        var text = new StringBuilder($"{answer.Headers}{answer.Content.Headers}");
        using var lines = new StreamReader(await answer.Content.ReadAsStreamAsync(Waiting.Cancellation));
        while (await lines.ReadLineAsync(Waiting.Cancellation).InTime() is { } line)
        {
            text.AppendLine(line);
            if (line.Contains($"\"event_type\":\"{type}\"", StringComparison.Ordinal))
            {
                break;
            }
        }

        return text.ToString();
    }

    /// <summary>Asks as the admin for an answer of this status.</summary>
    public async Task<JsonNode> AskAsync(HttpMethod method, string path, HttpStatusCode expected, string? body = null, params string[] headers)
    {
        var (status, text) = await SendAsync(AdminKey, method, path, body, headers);
        Assert.True(expected == status, $"{method} {path}: {(int)status} {text}");
        return text.IndexOf('{', StringComparison.Ordinal) is >= 0 and var at ? JsonNode.Parse(text[at..])! : new JsonObject();
    }

    public Task<JsonNode> GetAsync(string path) => AskAsync(HttpMethod.Get, path, HttpStatusCode.OK);

    public async ValueTask DisposeAsync()
    {
        _middleware?.Dispose();
        _http.Dispose();
        Tokens.Dispose();
        if (_collector is not null)
        {
            await _collector.DisposeAsync();
        }

        if (_web is not null)
        {
            await _web.DisposeAsync();
        }

        _secrets.Dispose();
    }

    private async Task SetAsync(bool encrypted)
    {
        _web = await WebReceiver.StartAsync(AnswerAsync);
        _collector = await Collector.StartAsync();
        await File.WriteAllTextAsync(Path.Combine(_secrets.Path, "header"), Canaries.Add("secret in a file"), Waiting.Cancellation);
        var (master, declared) = (TestKeys.Base64("leaks"), TestKeys.Base64("declared"));
        Canaries.AddKey("master key", master);
        Canaries.AddKey("signing secret", declared);
        Canaries.Add("admin key", AdminKey.Split('_')[2]);
        _middleware = await RunningMiddleware.StartAsync(
        [
            $"ADMIN_KEY={AdminKey}", $"JWT_JWKS={Tokens.KeySet}", $"JWT_AUDIENCE={MadeTokens.Audience}", $"JWT_ISSUER={MadeTokens.Issuer}", $"SECRETS_DIR={_secrets.Path}",
            "MAX_RETRIES=1", "BASE_DELAY=0s", "REDELIVERY_SCHEDULE=", "OTEL_BLRP_SCHEDULE_DELAY=20", "OTEL_METRIC_EXPORT_INTERVAL=100",
            $"Endpoints__declared__url={Url("ok")}?sig={Uri.EscapeDataString(Canaries.Add("query of a URL"))}", $"Endpoints__declared__secret=whsec_{declared}",
            $"Endpoints__declared__headers__X-Key={Canaries.Add("header value")}", "Endpoints__declared__auth__kind=bearer",
            $"Endpoints__declared__auth__token={Canaries.Add("bearer token")}", .. encrypted ? (string[])[$"MASTER_KEY=k1 {master}", "ENCRYPT_PAYLOADS=true"] : [],
            .. Verbose, .. _collector.Settings,
        ]);
        _processes.Add(_middleware.Process);
    }

    /// <summary>Answers by the path: <c>/status/503</c> with that status, <c>/token</c> with an access token, <c>/no-token</c> with none.</summary>
    private async Task AnswerAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        _received.Enqueue([.. Encoding.UTF8.GetBytes($"{context.Request.Path}{context.Request.QueryString}\n{string.Join('\n', context.Request.Headers)}"), .. body.ToArray()]);
        var path = context.Request.Path.Value!;
        if (path == "/token")
        {
            await context.Response.WriteAsJsonAsync(new { access_token = _accessToken, token_type = "Bearer", expires_in = 600 }, context.RequestAborted);
            return;
        }

        context.Response.StatusCode = path.StartsWith("/status/", StringComparison.Ordinal) ? int.Parse(path[8..], null) : path == "/no-token" ? 400 : 200;
        context.Features.Get<IHttpResponseFeature>()!.ReasonPhrase = _response;
        context.Response.Headers["X-Answer"] = _response;
        context.Response.Headers.Location = context.Response.StatusCode == 302 ? $"/moved?to={Uri.EscapeDataString(_response)}" : default;
        await context.Response.WriteAsJsonAsync(new { error = "invalid_client", error_description = _response }, context.RequestAborted);
    }
}
