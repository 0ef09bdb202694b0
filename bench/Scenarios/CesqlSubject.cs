using System.Diagnostics;
using Middleware.Filtering.Cesql;

namespace Bench.Scenarios;

/// <summary>An expression and its rounds.</summary>
internal sealed class CesqlSubject(string text)
{
    private const int Batch = 10_000;

    private readonly CesqlExpression _expression =
        CesqlExpression.Parse(text) is { Expression: { } expression } ? expression : throw new BenchException($"{text} is no expression");

    private readonly List<(double Nanoseconds, double Bytes)> _rounds = [];

    public string Text => text;

    public double Nanoseconds => Median(round => round.Nanoseconds);

    public double Fastest => _rounds.Min(round => round.Nanoseconds);

    public double Bytes => Median(round => round.Bytes);

    public void Add((double Nanoseconds, double Bytes) round) => _rounds.Add(round);

    public (double Nanoseconds, double Bytes) Measure(TimeSpan duration, CancellationToken cancellationToken)
    {
        var attributes = new SampleEvent();
        var (matches, evaluations) = (0L, 0L);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var start = Stopwatch.GetTimestamp();
        do
        {
            cancellationToken.ThrowIfCancellationRequested();
            for (var n = 0; n < Batch; n++)
            {
                var budget = new StepBudget(long.MaxValue);
                matches += _expression.Evaluate(attributes, ref budget).IsMatch ? 1 : 0;
            }

            evaluations += Batch;
        }
        while (Stopwatch.GetElapsedTime(start) < duration);

        var took = Stopwatch.GetElapsedTime(start);
        var bytes = GC.GetAllocatedBytesForCurrentThread() - before;
        return matches == 0 || matches == evaluations
            ? (took.TotalNanoseconds / evaluations, Math.Round((double)bytes / evaluations))
            : throw new BenchException($"{text} is not the same for the same event");
    }

    private double Median(Func<(double Nanoseconds, double Bytes), double> value) => _rounds.Select(value).Order().ElementAt(_rounds.Count / 2);

    /// <summary>An event as the service would show it to its filters.</summary>
    private sealed class SampleEvent : ICesqlAttributes
    {
        public bool TryGet(string name, out CesqlValue value)
        {
            CesqlValue? found = name switch
            {
                "source" => new("billing"),
                "type" => new("server_down"),
                "severity" => new("high"),
                "region" => new("us-east-1"),
                "host" => new("prod-web-01.eu-1.internal.example.com"),
                "retries" => new("3"),
                _ => null,
            };
            value = found.GetValueOrDefault();
            return found is not null;
        }
    }
}
