using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Tests.Middleware.Telemetry;

/// <summary>What is counted by one counter of some meters, by one of its labels, where nothing is scraped.</summary>
internal sealed class Tally : IDisposable
{
    private readonly ConcurrentDictionary<string, long> _counted = [];
    private readonly MeterListener _listener = new();

    public Tally(IMeterFactory meters, string counter, string label)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Scope == meters && instrument.Name == counter)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((_, count, tags, _) =>
        {
            foreach (var (name, value) in tags)
            {
                if (name == label)
                {
                    _counted.AddOrUpdate((string)value!, count, (_, before) => before + count);
                }
            }
        });
        _listener.Start();
    }

    /// <summary>The values of the label that were counted at least once.</summary>
    public IEnumerable<string> Counted => _counted.Where(static one => one.Value > 0).Select(static one => one.Key);

    public long this[string value] => _counted.GetValueOrDefault(value);

    public void Dispose() => _listener.Dispose();
}
