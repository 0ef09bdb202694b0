namespace Bench.Scenarios;

/// <summary>
/// The rate of accepting while nothing can be delivered, against a bare Kestrel that parses the same JSON. All servers stay up and
/// are loaded in turn for a few seconds, so that what the machine does beside hits each alike.
/// </summary>
internal sealed class AcceptScenario(TestBed bed, Options options, Findings findings)
{
    private const double MemoryBar = 0.6;
    private const double SqliteBar = 0.5;
    private const double LoggingBar = 0.1;
    private const double EncryptionBar = 0.85;
    private const double CallerBar = 0.95;

    // Its checksum is right; the services of a run alone take it.
    private const string AdminKey = "aik_3kQ9xT0b_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefg2V1HY6";

    private static readonly Dictionary<string, string> Keyed = new() { ["AUTH"] = "keys", ["ADMIN_KEY"] = AdminKey };

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await using var candidates = new Candidates(bed, options, findings);

        // Its gate stays closed: the workers hang in their first delivery, and every event stays in the queue.
        var receiver = candidates.Own(await bed.ReceiverAsync(cancellationToken));
        var all = new List<Candidate>();
        var bare = await AddAsync("bare Kestrel", null, bed.BareAsync(cancellationToken));
        var accept = options.SelfCheck
            ? await AddAsync("bare Kestrel again", bare, bed.BareAsync(cancellationToken))
            : await AddServiceAsync(options.Sqlite ? "accept, SQLite" : "accept, memory", []);
        var silent = options.Logging is LoggingMode.Compare && !options.SelfCheck
            ? await AddServiceAsync("accept, no logging", new() { ["Logging__LogLevel__Default"] = "None" })
            : null;
        Series? encrypting = null, keyed = null, limited = null;
        if (options.Protection && !options.SelfCheck)
        {
            encrypting = await AddServiceAsync("accept, encrypted", new() { ["MASTER_KEY"] = $"bench {Convert.ToBase64String(new byte[32])}", ["ENCRYPT_PAYLOADS"] = "true" });
            keyed = await AddServiceAsync("accept, with a key", new(Keyed));
            limited = await AddServiceAsync("accept, key and rate limit", new(Keyed) { ["RATE_LIMIT"] = "100000/s burst 1000000" });
        }

        await candidates.MeasureAsync(all, cancellationToken);
        Judge(bare, accept, silent);
        JudgeCost("accept with encrypted payloads, of accept", EncryptionBar, encrypting, accept);
        JudgeCost("accept with an API key, of accept", CallerBar, keyed, accept);
        JudgeCost("accept with a key and a rate limit, of accept with a key", CallerBar, limited, keyed);

        Task<Series> AddServiceAsync(string name, Dictionary<string, string> settings) =>
            AddAsync(name, bare, bed.MiddlewareAsync(receiver, settings, cancellationToken), settings.ContainsKey("ADMIN_KEY"));

        async Task<Series> AddAsync(string name, Series? baseline, Task<ServiceProcess> starting, bool hasKey = false)
        {
            var process = candidates.Own(await starting);
            var key = hasKey ? await ApiKeys.MakeAsync(process, AdminKey, cancellationToken) : null;
            var subject = new Subject(findings.Add(name, baseline), process, new LoadGenerator(process.Address, options.Connections, EventRequests.For(process.Address, key)));
            all.Add(candidates.Loaded(subject) with { MeasureAsync = token => Task.FromResult(Measure(subject, token)) });
            return subject.Series;
        }
    }

    private Sample Measure(Subject subject, CancellationToken cancellationToken)
    {
        var saturated = subject.Saturate(findings, options.Seconds, cancellationToken);
        var rate = options.Rate > 0 ? options.Rate : saturated.PerSecond / 2;
        var open = subject.Load.Run(Pace.Fixed(rate, TimeSpan.FromSeconds(options.Seconds)), cancellationToken);
        findings.Check(subject.Series.Name, open);
        return saturated with { OpenRate = rate, Latency = open.Latency };
    }

    private void Judge(Series bare, Series service, Series? silent)
    {
        findings.Note($"ratio by round {Series.Range(service.Ratios(bare))}; latencies at half of each one's own saturation unless --rate is given");
        findings.Bars.Add(new Bar("accept, of bare Kestrel", options.Sqlite ? SqliteBar : MemoryBar, service.Ratio(bare)));
        if (silent is not null)
        {
            findings.Bars.Add(new Bar("what logging costs of the accept rate", LoggingBar, 1 - service.Ratio(silent), AtMost: true));
        }
    }

    private void JudgeCost(string name, double bar, Series? series, Series? baseline)
    {
        if (series is not null && baseline is not null)
        {
            findings.Bars.Add(new Bar(name, bar, series.Ratio(baseline)));
        }
    }
}
