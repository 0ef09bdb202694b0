using static System.FormattableString;

namespace Bench.Scenarios;

/// <summary>The cost of one evaluation of a compiled filter expression: time and allocated bytes. In this process, on one thread.</summary>
internal static class CesqlScenario
{
    private const double BarNanoseconds = 1_000;

    private static readonly string[] Heads = ["expression", "ns/evaluation", "fastest round", "bytes/evaluation"];

    private static readonly string[] Expressions =
    [
        "type = 'server_down'",
        "source = 'billing' AND EXISTS region AND severity IN ('critical','high') AND type LIKE 'server\\_%'",
        "tenant = 'acme' OR source = 'billing'",
        "host LIKE '%.eu-_.%.example.com' AND INT(retries) * 2 >= 6",
        "UPPER(LEFT(region, 2)) = 'US' AND CONCAT(source, '/', type) = 'billing/server_down'",
    ];

    /// <summary>0; with --check 1 if an expression took longer than it may.</summary>
    public static int Run(Options options, CancellationToken cancellationToken)
    {
        var neighbours = new Neighbours();
        var subjects = Expressions.Select(text => new CesqlSubject(text)).ToList();
        subjects.ForEach(subject => subject.Measure(TimeSpan.FromSeconds(options.Warmup), cancellationToken));
        for (var round = 0; round < options.Rounds; round++)
        {
            subjects.ForEach(subject => subject.Add(subject.Measure(TimeSpan.FromSeconds(options.Seconds), cancellationToken)));
        }

        Table.Write(Console.Out, [Heads, .. subjects.Select(static subject => (string[])
            [$"`{subject.Text}`", Invariant($"{subject.Nanoseconds:#,0}"), Invariant($"{subject.Fastest:#,0}"), Invariant($"{subject.Bytes:0}")])]);
        foreach (var note in neighbours.Describe())
        {
            Console.WriteLine($"\n- {note}");
        }

        return options.Check && subjects.Any(subject => subject.Nanoseconds > BarNanoseconds) ? 1 : 0;
    }
}
