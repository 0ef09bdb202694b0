using System.Diagnostics.Metrics;
using Middleware.Events;

namespace Tests.Middleware.Telemetry;

/// <summary>Reads gauges of a service as they are now: a scrape may be one of a moment ago.</summary>
internal static class Gauges
{
    /// <summary>The value for an endpoint; -1 where there is none.</summary>
    public static int Read(IMeterFactory meters, string name, EndpointId endpoint)
    {
        var said = -1;
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
        listener.SetMeasurementEventCallback<int>((_, state, tags, _) => said = (string?)tags[0].Value == endpoint.Value ? state : said);
        listener.Start();
        listener.RecordObservableInstruments();
        return said;
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
