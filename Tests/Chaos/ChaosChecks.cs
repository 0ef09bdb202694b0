using Tests.Middleware.Storage.Postgres;

namespace Tests.Chaos;

/// <summary>The promises of the service, checked from outside: by what the receivers recorded, what was answered, and what the database has.</summary>
internal sealed class ChaosChecks(ChaosPlan plan, PostgresDatabase database, RecordingReceiver receiver, ChaosLoad load, IReadOnlyList<Fault> faults)
{
    // An outcome is in a group that is under way, or waits for the next.
    private static readonly TimeSpan Group = TimeSpan.FromSeconds(1);

    // The receiver sees the end of a killed process's connection after a moment.
    private static readonly TimeSpan Seen = TimeSpan.FromMilliseconds(250);

    // A lane comes back from another replica after two rounds of that one, not sooner. On a busy machine that may begin its first attempt late.
    private static readonly TimeSpan Turn = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Away = TimeSpan.FromMilliseconds(450);

    private static readonly TimeSpan Busy = TimeSpan.FromSeconds(0.5);

    public int Lost { get; private set; }

    /// <summary>The number of events that were accepted in a lag of a standby that took over.</summary>
    public int LostWithLag { get; private set; }

    public int Duplicated { get; private set; }

    /// <summary>The longest time in which nothing was received while events were posted, and its end.</summary>
    public (TimeSpan Length, TimeSpan End) LongestGap { get; private set; }

    public async Task<List<string>> RunAsync(TimeSpan loadEnded)
    {
        var found = new List<string>();
        await CheckDatabaseAsync(found);
        foreach (var endpoint in ChaosEndpoint.All)
        {
            var requests = receiver.Of(endpoint.Name);
            CheckDuplicates(endpoint, requests, found);
            CheckConcurrency(endpoint, requests, found);
            CheckRate(endpoint, requests, found);
            CheckOrder(endpoint, requests, found);
        }

        found.AddRange(load.Unlike.Where(twins => !IsInLag(twins.From, twins.To)).Select(static twins => $"(7) several ids for one key: {twins}"));

        NoteGap(loadEnded);
        return found;
    }

    private async Task CheckDatabaseAsync(List<string> found)
    {
        var received = ChaosEndpoint.All.SelectMany(endpoint => receiver.Of(endpoint.Name).All.Where(static request => request.IsSuccess).SelectMany(request => request.Events.Select(id => (id, endpoint.Name)))).ToHashSet();
        var stored = (await IdsAsync("SELECT encode(id, 'hex') FROM events")).ToHashSet();
        var dead = (await IdsAsync("SELECT encode(e.id, 'hex') FROM dead_letters d JOIN events e ON e.seq = d.event")).ToHashSet();
        var missing = load.Accepted.Where(accepted => !received.Contains((accepted.Id, accepted.Endpoint)) && !dead.Contains(accepted.Id)).ToList();
        var lost = missing.Where(accepted => stored.Contains(accepted.Id) || !IsInLag(accepted.At, accepted.At)).ToList();
        (Lost, LostWithLag) = (lost.Count, missing.Count - lost.Count);
        if (lost.Count > 0)
        {
            found.Add($"(1) lost: {string.Join(", ", lost.Take(10))}");
        }

        foreach (var id in dead.Where(static id => !ChaosReceiver.IsRefused(id)))
        {
            found.Add($"(1) dead letter without a reason: {id}");
        }

        await NoneAsync(found, "(2) several recorded successes", "SELECT seq || ' ' || endpoint FROM attempts WHERE status BETWEEN 200 AND 299 GROUP BY seq, endpoint HAVING count(*) > 1");
        await NoneAsync(found, "(2) a dead letter that was delivered", "SELECT d.event || ' ' || d.endpoint FROM dead_letters d JOIN attempts a ON a.seq = d.event AND a.endpoint = d.endpoint WHERE a.status BETWEEN 200 AND 299");
        await NoneAsync(found, "(2) an event without an outcome", "SELECT e.seq::text FROM events e WHERE NOT EXISTS (SELECT 1 FROM attempts a WHERE a.seq = e.seq) AND NOT EXISTS (SELECT 1 FROM pending p WHERE p.seq = e.seq) AND NOT EXISTS (SELECT 1 FROM held h WHERE h.seq = e.seq)");
        await NoneAsync(
            found,
            "(5) replicas that took turns at a lane",
            $"""
            WITH starts AS (SELECT endpoint, replica, started_at, lag(replica) OVER o AS before, lag(started_at) OVER o AS last FROM attempts
                    WHERE endpoint NOT IN (SELECT endpoint FROM registrations WHERE position('"widest_shards":null' IN convert_from(definition, 'UTF8')) = 0) WINDOW o AS (PARTITION BY endpoint ORDER BY started_at, replica)),
                runs AS (SELECT endpoint, replica, started_at, before, last, lead(started_at) OVER w AS until, lead(replica) OVER w AS next FROM starts WHERE replica IS DISTINCT FROM before WINDOW w AS (PARTITION BY endpoint ORDER BY started_at))
            SELECT endpoint || ': ' || before || ' ' || replica || ' ' || next || ' at ' || started_at || ' for ' || (until - started_at) || ' us' FROM runs
            WHERE before = next AND until - started_at < {Turn.TotalMicroseconds} AND until - last < {Away.TotalMicroseconds}
            """);
        await NoneAsync(found, "(7) several events for one key", "SELECT source FROM events WHERE source LIKE 'twin-%' GROUP BY source HAVING count(*) > 1");
    }

    /// <summary>True for a time in which a standby lagged that took over: what was committed then may be lost.</summary>
    private bool IsInLag(TimeSpan from, TimeSpan to) => faults.Any(fault => fault.Kind == FaultKind.FailOverWithLag && to >= fault.Began - Group && from <= fault.Struck + Group);

    /// <summary>Checks that nothing is pending that has ended. Called also while faults are made.</summary>
    public async Task CheckPendingAsync(List<string> found) => await NoneAsync(
        found, "(2) pending and ended", "SELECT p.seq || ' ' || p.endpoint FROM (SELECT seq, endpoint FROM pending UNION ALL SELECT seq, endpoint FROM held) p JOIN attempts a ON a.seq = p.seq AND a.endpoint = p.endpoint WHERE a.status BETWEEN 200 AND 299");

    private async Task NoneAsync(List<string> found, string what, string sql)
    {
        var rows = await IdsAsync(sql);
        if (rows.Count > 0)
        {
            found.Add($"{what}: {rows.Count}, such as {string.Join(", ", rows.Take(5))}");
        }
    }

    private async Task<List<string>> IdsAsync(string sql)
    {
        await using var command = database.Source.CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync(Waiting.Cancellation);
        var read = new List<string>();
        while (await reader.ReadAsync(Waiting.Cancellation))
        {
            read.Add(reader.GetString(0));
        }

        return read;
    }

    /// <summary>A repeat is due to a fault: its first success was under way, or not committed yet, when the fault began or until no try of that replica starts any more.</summary>
    private void CheckDuplicates(ChaosEndpoint endpoint, RecordedRequests requests, List<string> found)
    {
        var repeats = requests.Duplicates;
        Duplicated += repeats.Values.Sum();
        if (repeats.Count == 0)
        {
            return;
        }

        var successes = requests.All.Where(static request => request.IsSuccess).SelectMany(static request => request.Events.Select(id => (id, request)))
            .Where(one => repeats.ContainsKey(one.id)).GroupBy(static one => one.id, static one => one.request);
        foreach (var delivery in successes)
        {
            var first = delivery.First();
            if (!faults.Any(fault => !fault.IsOrderly && first.Ended >= fault.Began - Group && first.Began <= LastTryOf(fault)))
            {
                found.Add($"(3) {endpoint.Name}: {delivery.Key} was received {delivery.Count()} times without a fault, at {string.Join(", ", delivery.Select(static one => $"{one.Began.TotalSeconds:0.00}-{one.Ended?.TotalSeconds:0.00}"))} s; before: {Before(first.Began)}");
            }
        }
    }

    private void CheckConcurrency(ChaosEndpoint endpoint, RecordedRequests requests, List<string> found)
    {
        foreach (var (at, count) in requests.AtOnce.Where(instant => instant.Count > endpoint.Workers))
        {
            var owners = 1 + faults.Count(fault => !fault.IsOrderly && at >= fault.Began && at <= EndOf(fault));
            if (count > owners * endpoint.Workers)
            {
                found.Add($"(4) {endpoint.Name}: {count} requests at once at {at.TotalSeconds:0.00} s, {endpoint.Workers} workers; before: {Before(at)}");
                return;
            }
        }
    }

    /// <summary>A lane that moves begins without a burst, so no fault allows more. Requests that were sent one after the other can be seen at once by a busy receiver.</summary>
    private void CheckRate(ChaosEndpoint endpoint, RecordedRequests requests, List<string> found)
    {
        var most = endpoint.Burst + (endpoint.PerSecond * Busy.TotalSeconds) + 1;
        if (endpoint.PerSecond > 0 && requests.LevelsAt(endpoint.PerSecond).FirstOrDefault(level => level.Level > most) is { Level: > 0 } beyond)
        {
            found.Add($"(4) {endpoint.Name}: {beyond.Level:0.0} requests beyond the rate at {beyond.At.TotalSeconds:0.00} s, burst {endpoint.Burst}; before: {Before(beyond.At)}");
        }
    }

    /// <summary>A repeat breaks no order: the next event of a key begins after the first success of each one before it.</summary>
    private void CheckOrder(ChaosEndpoint endpoint, RecordedRequests requests, List<string> found)
    {
        foreach (var ((_, key), ids) in load.InOrder.Where(of => endpoint.IsOrdered && of.Key.Endpoint == endpoint.Name))
        {
            if (requests.OutOfOrder(ids).ToList() is [var first, ..] early)
            {
                found.Add($"(6) {endpoint.Name}: {early.Count} events of the key {key} before their turn, such as {first}");
            }
        }
    }

    /// <summary>The time until which a replica that a fault struck starts tries: half of the time of adoption, even when it wakes later.</summary>
    private TimeSpan LastTryOf(Fault fault) => fault.Struck + (fault.Kind == FaultKind.Kill ? TimeSpan.Zero : plan.AdoptAfter / 2) + Seen;

    /// <summary>The time until which such tries are under way beside those of the lanes' new owner.</summary>
    private TimeSpan EndOf(Fault fault) => LastTryOf(fault) + (fault.Kind == FaultKind.Kill ? TimeSpan.Zero : ChaosEndpoint.Timeout);

    private string Before(TimeSpan at) => string.Join("; ", faults.Where(fault => fault.Began <= at + Group).TakeLast(3));

    private void NoteGap(TimeSpan loadEnded)
    {
        var ends = ChaosEndpoint.All.SelectMany(endpoint => receiver.Of(endpoint.Name).All).Where(request => request.IsSuccess && request.Ended <= loadEnded).Select(static request => request.Ended!.Value).Order().ToList();
        for (var index = 1; index < ends.Count; index++)
        {
            var gap = ends[index] - ends[index - 1];
            LongestGap = gap > LongestGap.Length ? (gap, ends[index]) : LongestGap;
        }
    }
}
