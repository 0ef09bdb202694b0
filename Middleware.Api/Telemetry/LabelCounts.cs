using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;

namespace Middleware.Telemetry;

/// <summary>Counts of an endpoint by the values of a label, as a counter of all endpoints reads them. Any thread adds to them.</summary>
internal sealed class LabelCounts(KeyValuePair<string, object?> endpoint, string label)
{
    private readonly ConcurrentDictionary<string, StrongBox<long>> _counts = new(concurrencyLevel: 1, capacity: 3, StringComparer.Ordinal);

    public void Add(string value, long count) => Interlocked.Add(ref _counts.GetOrAdd(value, static _ => new StrongBox<long>()).Value, count);

    public IEnumerable<Measurement<long>> Read() =>
        _counts.Select(count => new Measurement<long>(Volatile.Read(ref count.Value.Value), endpoint, new KeyValuePair<string, object?>(label, count.Key)));
}
