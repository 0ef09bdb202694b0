using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Tests.Middleware.Telemetry;

/// <summary>The measurements of one instrument, where nothing is scraped: their sums by one of its labels, and the largest.</summary>
internal sealed class Tally : IDisposable
{
    private readonly ConcurrentDictionary<string, long> _counted = [];
    private readonly MeterListener _listener = new();
    private long _largest;

    public Tally(IMeterFactory meters, string name, string label = "")
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Scope == meters && instrument.Name == name)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((_, count, tags, _) =>
        {
            _largest = Math.Max(Volatile.Read(ref _largest), count);
            foreach (var (tag, value) in tags)
            {
                if (tag == label)
                {
                    _counted.AddOrUpdate((string)value!, count, (_, before) => before + count);
                }
            }
        });
        _listener.Start();
    }

    /// <summary>The values of the label that were counted at least once.</summary>
    public IEnumerable<string> Counted => _counted.Where(static one => one.Value > 0).Select(static one => one.Key);

    public long Largest => Volatile.Read(ref _largest);

    public long this[string value] => _counted.GetValueOrDefault(value);

    public void Dispose() => _listener.Dispose();
}
