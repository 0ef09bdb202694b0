using static System.FormattableString;

namespace Bench.Scenarios;

/// <summary>The cost of one evaluation of a compiled filter expression: time and allocated bytes. In this process, on one thread.</summary>
internal static class CesqlScenario
{
    private const double BarNanoseconds = 1_000;

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

        var width = Expressions.Max(text => text.Length) + 2;
        Console.WriteLine($"\n| {"expression".PadRight(width)} | ns/evaluation | fastest round | bytes/evaluation |\n|{new string('-', width + 2)}|--------------:|--------------:|-----------------:|");
        subjects.ForEach(subject => Console.WriteLine(
            Invariant($"| {$"`{subject.Text}`".PadRight(width)} | {subject.Nanoseconds,13:#,0} | {subject.Fastest,13:#,0} | {subject.Bytes,16:0} |")));
        if (neighbours.Describe() is { } note)
        {
            Console.WriteLine($"\n- {note}");
        }

        return options.Check && subjects.Any(subject => subject.Nanoseconds > BarNanoseconds) ? 1 : 0;
    }
}
