using System.Diagnostics.Metrics;
using Middleware.Events;

namespace Tests.Middleware.Telemetry;

/// <summary>Reads gauges of a service as they are now: a scrape may be one of a moment ago.</summary>
internal static class Gauges
{
    /// <summary>The value for an endpoint; -1 where there is none.</summary>
    public static int Read(IMeterFactory meters, string name, EndpointId endpoint) => Read<int>(meters, name, "endpoint").GetValueOrDefault(endpoint.Value, -1);

    /// <summary>The values of an instrument by one of its labels.</summary>
    public static Dictionary<string, T> Read<T>(IMeterFactory meters, string name, string label)
        where T : struct
    {
        var values = new Dictionary<string, T>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Scope == meters && instrument.Name == name)
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<T>((_, value, tags, _) => values[(string)tags.ToArray().Single(tag => tag.Key == label).Value!] = value);
        listener.Start();
        listener.RecordObservableInstruments();
        return values;
    }

    /// <summary>The number of instruments that a service has.</summary>
    public static int Instruments(IMeterFactory meters)
    {
        var count = 0;
        using var listener = new MeterListener { InstrumentPublished = (instrument, _) => count += instrument.Meter.Scope == meters ? 1 : 0 };
        listener.Start();
        return count;
    }
}
