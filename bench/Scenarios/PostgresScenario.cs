using Tests.Middleware.Storage.Postgres;
using static System.FormattableString;

namespace Bench.Scenarios;

/// <summary>
/// The store on PostgreSQL against SQLite: accepting alone, then accepting and delivering at once by one replica, by two on the same cores, and to 10,000 endpoints; last
/// the size of the table of pending deliveries after two million events. Each has a server of its own, with the server's default settings.
/// </summary>
internal sealed class PostgresScenario(TestBed bed, Options options, Findings findings)
{
    private const double AcceptBar = 0.55;
    private const double OneBar = 0.45;
    private const double TwoBar = 0.9;
    private const double CpuBar = 1.8;
    private const double ManyBar = 0.9;
    private const double PendingBar = 16;
    private const int Few = 10;
    private const int Many = 10_000;
    private const int EventsOfPending = 2_000_000;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await using var servers = new PostgresRun();
        await AcceptAsync(servers, cancellationToken);
        await BothAsync(servers, cancellationToken);
    }

    private async Task AcceptAsync(PostgresRun servers, CancellationToken cancellationToken)
    {
        await using var database = await PostgresDatabase.CreateAsync(await servers.StartServerAsync());
        await using var candidates = new Candidates(bed, options, findings);

        // Its gate stays closed.
        var receiver = candidates.Own(await bed.ReceiverAsync(cancellationToken));
        var sqlite = findings.Add("accept, SQLite");
        var postgres = findings.Add("accept, PostgreSQL", sqlite);
        var onFile = candidates.Own(await bed.MiddlewareAsync(receiver, [], cancellationToken));
        var onServer = candidates.Own(await bed.MiddlewareAsync(receiver, new() { ["ConnectionStrings__events"] = database.ConnectionString() }, cancellationToken));
        await candidates.MeasureAsync(
            [candidates.Loaded(new(sqlite, onFile, options.Connections)), candidates.Loaded(new(postgres, onServer, options.Connections))], cancellationToken);
        findings.Bars.Add(new Bar("accept on PostgreSQL, of SQLite", AcceptBar, postgres.Ratio(sqlite)));
    }

    private async Task BothAsync(PostgresRun servers, CancellationToken cancellationToken)
    {
        var ofSqlite = findings.Add("both, SQLite");
        var ofOne = findings.Add("both, PostgreSQL", ofSqlite);
        var ofTwo = findings.Add("both, two replicas", ofOne);
        var ofMany = findings.Add(Invariant($"both, {Many} endpoints"), ofOne);

        await using var candidates = new Candidates(bed, options, findings);

        // First, since its registrations take minutes, and a server closes connections that are idle for so long.
        var many = await StartAsync(candidates, ofMany, await servers.StartServerAsync(), replicas: 1, Many, cancellationToken);
        var sqlite = await StartAsync(candidates, ofSqlite, null, replicas: 1, Few, cancellationToken);
        var one = await StartAsync(candidates, ofOne, await servers.StartServerAsync(), replicas: 1, Few, cancellationToken);
        var two = await StartAsync(candidates, ofTwo, await servers.StartServerAsync(), replicas: 2, Few, cancellationToken);
        await candidates.MeasureAsync([sqlite.Candidate, one.Candidate, two.Candidate, many.Candidate], cancellationToken);

        findings.Bars.Add(new Bar("both on PostgreSQL, of SQLite", OneBar, ofOne.Ratio(ofSqlite)));
        findings.Bars.Add(new Bar("both by two replicas on the same cores, of one", TwoBar, ofTwo.Ratio(ofOne)));
        findings.Bars.Add(new Bar("CPU per event of two replicas and server, of one", CpuBar, Cpu(ofTwo) / Cpu(ofOne), AtMost: true));
        findings.Bars.Add(new Bar(Invariant($"both with {Many} endpoints, of {Few}"), ManyBar, ofMany.Ratio(ofOne)));

        var rest = Math.Max(1, EventsOfPending - (int)one.Events);
        await one.SendAsync(Pace.Saturate(rest), cancellationToken);
        findings.Bars.Add(new Bar(Invariant($"MB of pending after {EventsOfPending} events"), PendingBar, await one.PendingMegabytesAsync(), AtMost: true));
        await one.CheckAsync(cancellationToken);
        findings.Note(
            $"both: {options.Events} events a round, each to one of {Few} endpoints unless said; CPU and peak RSS of all replicas, CPU with that of the server; the load goes to all replicas in turn");
    }

    private Task<PostgresPart> StartAsync(Candidates candidates, Series series, PostgresServer? server, int replicas, int endpoints, CancellationToken cancellationToken) =>
        PostgresPart.StartAsync(candidates, bed, options, findings, series, server, replicas, endpoints, cancellationToken);

    private static double Cpu(Series series) => series.Median(static sample => sample.CpuMicrosecondsPerEvent)!.Value;
}
