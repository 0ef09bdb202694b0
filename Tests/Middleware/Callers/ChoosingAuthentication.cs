using Middleware.Callers;

namespace Tests.Middleware.Callers;

/// <summary>Real processes, as an operator starts them.</summary>
[RunsNatively]
public class ChoosingAuthentication
{
    private const string Choices =
        "AUTH: \"\" is not accepted; callers must show who they are outside Development: give ADMIN_KEY_FILE (or ADMIN_KEY) for API keys, JWT_AUTHORITY or JWT_JWKS_FILE with JWT_AUDIENCE "
        + "for tokens, TLS_CLIENT_CA_FILE with CERT_SCOPES for client certificates, or AUTH=off to let everybody do everything.";

    private static readonly string Key = KeyText.Generate();

    public static TheoryData<string, string> Refused => new()
    {
        { "AUTH=", Choices },
        { "AUTH=none", "AUTH: \"none\" is not accepted; expected off, or some of keys,jwt,cert, separated by commas." },
        { "AUTH=off,keys", "AUTH: \"off,keys\" is not accepted; expected off, or some of keys,jwt,cert, separated by commas." },
        { "AUTH=keys", "AUTH: \"keys\" is not accepted; keys needs ADMIN_KEY_FILE (or ADMIN_KEY), with which the first key is made." },
        { "AUTH=jwt", "AUTH: \"jwt\" is not accepted; jwt needs JWT_AUTHORITY or JWT_JWKS_FILE, and JWT_AUDIENCE." },
        { "AUTH=cert", "AUTH: \"cert\" is not accepted; cert needs TLS_CLIENT_CA_FILE and CERT_SCOPES." },
        { "ADMIN_KEY=secret", "ADMIN_KEY: \"(hidden)\" is not accepted; expected a key as `Middleware.Api keys new` prints it, or its digest sha256: and 64 hexadecimal digits." },
        { "ADMIN_KEY_FILE=/none", "ADMIN_KEY_FILE: \"/none\" is not accepted; expected a file that can be read (Could not find file '/none')." },
        { "ADMIN_KEY=sha256: ADMIN_KEY_FILE=/none", "ADMIN_KEY_FILE: \"/none\" is not accepted; expected it or ADMIN_KEY, not both." },
        { "JWT_JWKS_FILE=/none JWT_AUDIENCE=a", "JWT_JWKS_FILE: \"/none\" is not accepted; expected a file that can be read (Could not find file '/none')." },
        { "JWT_JWKS={} JWT_AUDIENCE=a", "JWT_JWKS: \"(hidden)\" is not accepted; expected a JSON Web Key Set (RFC 7517) with at least one public RSA or EC key." },
        { "CERT_SCOPES=a=write", "CERT_SCOPES: \"a=write\" is not accepted; expected name=scope, such as billing.internal=events:write events:read, each name once, separated by commas; scopes are events:write, events:read, payloads:read, endpoints:write, operate, admin, metrics." },
        { "AUTH=off JWT_JWKS={} JWT_AUDIENCE=a", "JWT_JWKS: \"(hidden)\" is not accepted; expected a JSON Web Key Set (RFC 7517) with at least one public RSA or EC key." },
        { "AUTH=off JWT_AUTHORITY=https://login.example.com", "JWT_AUDIENCE: \"\" is not accepted; expected the audience for which tokens are issued: without it those for other services are taken too." },
        { "AUTH=off JWT_AUTHORITY=http://login.example.com JWT_AUDIENCE=a", "JWT_AUTHORITY: \"http://login.example.com\" is not accepted; expected https, such as https://login.example.com/tenant: who changes its keys on the way is everybody." },
        { "AUTH=off JWT_SCOPES=a=write JWT_AUTHORITY=https://a.example JWT_AUDIENCE=a", "JWT_SCOPES: \"a=write\" is not accepted; expected value=scope, such as Operators=operate, separated by commas; scopes are events:write, events:read, payloads:read, endpoints:write, operate, admin, metrics." },
        { "AUTH=off CERT_SCOPES=a", "CERT_SCOPES: \"a\" is not accepted; expected name=scope, such as billing.internal=events:write events:read, each name once, separated by commas; scopes are events:write, events:read, payloads:read, endpoints:write, operate, admin, metrics." },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task Production_does_not_start_without_a_choice_or_with_a_faulty_one(string settings, string reason)
    {
        using var folder = new TemporaryDirectory();
        using var process = ServiceProcess.Begin("Middleware.Api", [.. settings.Split(' '), .. settings.StartsWith("AUTH", StringComparison.Ordinal) ? (string[])[] : ["AUTH="], $"DATA_DIR={folder.Path}"]);

        Assert.Equal(1, await process.ExitCodeAsync());
        Assert.Equal([reason], process.Reasons);
    }

    [Fact]
    public async Task The_admin_key_is_given_as_a_file_or_as_its_digest()
    {
        using var folder = new TemporaryDirectory();
        var file = Path.Combine(folder.Path, "key");
        await File.WriteAllTextAsync(file, Key + "\n", Waiting.Cancellation);
        string[] given = [$"ADMIN_KEY_FILE={file}", $"ADMIN_KEY=sha256:{Convert.ToHexStringLower(KeyText.DigestOf(Key))}"];

        foreach (var setting in given)
        {
            using var middleware = await RunningMiddleware.StartAsync(setting);
            using var keyed = new MiddlewareClient(middleware.Process.Address, Key);
            Assert.Equal(HttpStatusCode.Unauthorized, (await middleware.Client.Post()).Status);
            Assert.Equal(HttpStatusCode.OK, (await keyed.Post()).Status);
        }
    }

    [Fact]
    public async Task Without_authentication_every_start_warns()
    {
        using var middleware = await RunningMiddleware.StartAsync("AUTH=off");

        Assert.Equal(HttpStatusCode.OK, (await middleware.Client.Post()).Status);
        await Waiting.Until(() => middleware.Process.Log.Any(static line => (string?)line["msg"] == "authentication is off: everybody may do everything" && (string?)line["level"] == "warn"));
    }

    [Theory]
    [InlineData("AUTH=off", 200, 200)]
    [InlineData("ADMIN_KEY", 401, 401)]
    public async Task The_port_of_the_metrics_answers_them_to_all_and_nothing_else(string auth, int metricsElsewhere, int eventsElsewhere)
    {
        var port = LoopbackPort.Free();
        using var middleware = await RunningMiddleware.StartAsync(auth == "ADMIN_KEY" ? $"ADMIN_KEY={Key}" : auth, $"METRICS_PORT={port}");
        using var http = new HttpClient();

        Assert.Equal((200, 404, 404), (await Get($"http://127.0.0.1:{port}/metrics"), await Get($"http://127.0.0.1:{port}/api/v1/events"), await Get($"http://127.0.0.1:{port}/none")));
        Assert.Equal((metricsElsewhere, eventsElsewhere), (await Get(new Uri(middleware.Process.Address, "/metrics").ToString()), await Get(new Uri(middleware.Process.Address, "/api/v1/events").ToString())));

        async Task<int> Get(string url) => (int)await http.GetAsync(new Uri(url), Waiting.Cancellation).StatusCode();
    }

    [Fact]
    public async Task The_command_keys_new_prints_a_key_and_its_digest_and_starts_nothing()
    {
        using var process = ServiceProcess.Begin("Middleware.Api", ["AUTH="], arguments: ["keys", "new"]);

        Assert.Equal(0, await process.ExitCodeAsync());
        Assert.Equal(2, process.Output.Count);
        var (key, digest) = (process.Output.First().Split(' ')[^1], process.Output.Last().Split(' ')[^1]);
        Assert.True(KeyText.IsKey(key));
        Assert.Equal(KeyText.DigestOf(key), KeyText.ReadDigest(digest));
    }

    [Fact]
    public async Task An_unknown_command_names_those_there_are()
    {
        using var process = ServiceProcess.Begin("Middleware.Api", ["AUTH="], arguments: ["keys", "make"]);

        Assert.Equal(2, await process.ExitCodeAsync());
        Assert.Equal("\"keys make\" is not a command.", process.Errors.First());
        Assert.Contains(process.Errors, static line => line.Contains("keys new", StringComparison.Ordinal));
    }
}
