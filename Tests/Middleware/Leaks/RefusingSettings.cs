namespace Tests.Middleware.Leaks;

/// <summary>Faulty settings that hold a secret: the last lines of the process name them, and the secret is in none.</summary>
[RunsNatively]
[Trait("Speed", "Slow")]
public sealed class RefusingSettings
{
    [Theory(Timeout = Waiting.TestLimit)]
    [InlineData("MASTER_KEY=k1 {0}|ADMIN_KEY={0}|JWT_JWKS={0}|OTEL_EXPORTER_OTLP_HEADERS={0}\u00fc|OUTBOUND_PROXY=http://me:{0}@proxy.example:3128|EXTERNAL_ENDPOINT_URL=htp://x/?sig={0}")]
    [InlineData("MASTER_KEY={0} k1|OUTBOUND_PROXY=me:{0}@proxy.example|EXTERNAL_ENDPOINT_URL=http://me:{0}@x/|OTEL_EXPORTER_OTLP_ENDPOINT=http://me:{0}@x/|JWT_AUTHORITY=http://x/?key={0}")]
    [InlineData("ConnectionStrings__events=Hots=x;Password={0}|OUTBOUND_PROXY=http://x/?key={0}|OTEL_EXPORTER_OTLP_ENDPOINT=x?key={0}|JWT_AUTHORITY=me:{0}@x|ASPNETCORE_URLS=http://me:{0}@x/y")]
    [InlineData("Endpoints__a__url=https://10.0.0.1/?sig={0}|Endpoints__b__url=https://me:{0}@x/|Endpoints__c__url=me:{0}@x|Endpoints__d__url=htp://x/?sig={0}")]
    [InlineData("Endpoints__a__secret={0}|Endpoints__b__secert={0}|Endpoints__c__auth__tokn={0}|Endpoints__d__auth={0}|Endpoints__e__headers={0}|Endpoints__f__header__X-Key={0}|Endpoints__g__proxy=me:{0}@x")]
    [InlineData("Endpoints__a__auth__token={0} |Endpoints__b__auth__username={0}|Endpoints__c__headers__X Key={0}|Endpoints__d__secret__secret_ref={0}|Endpoints__e__secret__text={0}")]
    public async Task The_reason_has_no_secret(string settings)
    {
        var canaries = new Canaries();
        using var folder = new TemporaryDirectory();
        string[] given = [.. settings.Split('|').Select(setting => setting.Replace("{0}", canaries.Add(setting.Split('=')[0]), StringComparison.Ordinal))];

        using var process = ServiceProcess.Begin("Middleware.Api", ["AUTH=off", "JWT_AUDIENCE=a", $"DATA_DIR={folder.Path}", .. given]);

        Assert.Equal(1, await process.ExitCodeAsync());
        Assert.All(given, setting => Assert.Contains(process.Reasons, reason => reason.StartsWith(string.Join("__", setting.Split('=')[0].Split("__").Take(2)), StringComparison.Ordinal)));
        foreach (var line in process.Errors.Concat(process.Output))
        {
            Assert.True(canaries.In(line) is [], line);
        }
    }
}
