using Bench.Load;
using Bench.Processes;
using Bench.Report;
using static System.FormattableString;

namespace Bench.Scenarios;

/// <summary>
/// The rate of accepting while nothing can be delivered, against a bare Kestrel that parses the same JSON. All servers stay up and
/// are loaded in turn for a few seconds, so that what the machine does beside hits each alike.
/// </summary>
internal sealed class AcceptScenario(TestBed bed, Options options)
{
    private const double MemoryBar = 0.6;
    private const double SqliteBar = 0.5;
    private const double LoggingBar = 0.1;
    private const double EncryptionBar = 0.85;
    private const double CallerBar = 0.95;

    // Its checksum is right; the services of a run alone take it.
    private const string AdminKey = "aik_3kQ9xT0b_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefg2V1HY6";

    private static readonly Dictionary<string, string> Keyed = new() { ["AUTH"] = "keys", ["ADMIN_KEY"] = AdminKey };

    private readonly Findings _findings = new();

    public async Task<Findings> RunAsync(CancellationToken cancellationToken)
    {
        await using var bare = await bed.BareAsync(cancellationToken);

        // Its gate stays closed: the workers hang in their first delivery, and every event stays in the queue.
        await using var receiver = await bed.ReceiverAsync(cancellationToken);
        await using var service = options.SelfCheck
            ? await bed.BareAsync(cancellationToken)
            : await bed.MiddlewareAsync(receiver, [], cancellationToken);
        await using var silent = options.Logging is LoggingMode.Compare && !options.SelfCheck
            ? await bed.MiddlewareAsync(receiver, new() { ["Logging__LogLevel__Default"] = "None" }, cancellationToken)
            : null;

        var isProtected = options.Protection && !options.SelfCheck;
        await using var encrypting = isProtected
            ? await bed.MiddlewareAsync(receiver, new() { ["MASTER_KEY"] = $"bench {Convert.ToBase64String(new byte[32])}", ["ENCRYPT_PAYLOADS"] = "true" }, cancellationToken)
            : null;
        await using var keyed = isProtected ? await bed.MiddlewareAsync(receiver, new(Keyed), cancellationToken) : null;
        await using var limited = isProtected ? await bed.MiddlewareAsync(receiver, new(Keyed) { ["RATE_LIMIT"] = "100000/s burst 1000000" }, cancellationToken) : null;

        using var first = Subject("bare Kestrel", bare, baseline: null);
        using var second = Subject(options.SelfCheck ? "bare Kestrel again" : options.Sqlite ? "accept, SQLite" : "accept, memory", service, first.Series);
        using var third = silent is null ? null : Subject("accept, no logging", silent, first.Series);
        using var fourth = encrypting is null ? null : Subject("accept, encrypted", encrypting, first.Series);
        using var fifth = keyed is null ? null : Subject("accept, with a key", keyed, first.Series, await ApiKeys.MakeAsync(keyed, AdminKey, cancellationToken));
        using var sixth = limited is null ? null : Subject("accept, key and rate limit", limited, first.Series, await ApiKeys.MakeAsync(limited, AdminKey, cancellationToken));
        Run([.. new[] { first, second, third, fourth, fifth, sixth }.OfType<Subject>()], cancellationToken);

        Judge(first.Series, second.Series, third?.Series);
        JudgeCost("accept with encrypted payloads, of accept", EncryptionBar, fourth, second);
        JudgeCost("accept with an API key, of accept", CallerBar, fifth, second);
        JudgeCost("accept with a key and a rate limit, of accept with a key", CallerBar, sixth, fifth);
        return _findings;
    }

    private Subject Subject(string name, ServiceProcess process, Series? baseline, string? key = null) =>
        new(_findings.Add(name, baseline), process, new LoadGenerator(process.Address, options.Connections, EventRequests.For(process.Address, key)));

    private void Run(Subject[] subjects, CancellationToken cancellationToken)
    {
        foreach (var subject in subjects)
        {
            subject.Saturate(_findings, options.Warmup, cancellationToken);
        }

        for (var round = 0; round < options.Rounds; round++)
        {
            // There and back, so that none is always the first.
            foreach (var subject in round % 2 == 0 ? subjects : subjects.Reverse())
            {
                subject.Series.Add(Measure(subject, cancellationToken));
                subject.Series.PeakMegabytes = subject.Process.PeakMegabytes;
            }
        }
    }

    private Sample Measure(Subject subject, CancellationToken cancellationToken)
    {
        var saturated = subject.Saturate(_findings, options.Seconds, cancellationToken);
        var rate = options.Rate > 0 ? options.Rate : saturated.PerSecond / 2;
        var open = subject.Load.Run(Pace.Fixed(rate, TimeSpan.FromSeconds(options.Seconds)), cancellationToken);
        _findings.Check(subject.Series.Name, open);
        return saturated with { OpenRate = rate, Latency = open.Latency };
    }

    private void Judge(Series bare, Series service, Series? silent)
    {
        var ratios = service.Ratios(bare);
        _findings.Notes.Add(Invariant(
            $"ratio by round {ratios[0]:0.00} to {ratios[^1]:0.00}; latencies at half of each one's own saturation unless --rate is given"));
        _findings.Bars.Add(new Bar("accept, of bare Kestrel", options.Sqlite ? SqliteBar : MemoryBar, service.Ratio(bare)));
        if (silent is not null)
        {
            _findings.Bars.Add(new Bar("what logging costs of the accept rate", LoggingBar, 1 - service.Ratio(silent), AtMost: true));
        }
    }

    private void JudgeCost(string name, double bar, Subject? subject, Subject? baseline)
    {
        if (subject is not null && baseline is not null)
        {
            _findings.Bars.Add(new Bar(name, bar, subject.Series.Ratio(baseline.Series)));
        }
    }
}
