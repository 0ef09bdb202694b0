using System.Globalization;
using ServiceDefaults.Settings;

namespace ServiceDefaults;

/// <summary>The settings of OpenTelemetry's SDK, which takes bad ones for none: traces would be missed when they are needed.</summary>
internal sealed record TelemetrySettings
{
    private const string Exporter = "OTEL_EXPORTER_OTLP_";
    private const string Sampler = "OTEL_TRACES_SAMPLER";

    private static readonly string[] Signals = ["", "TRACES_", "METRICS_", "LOGS_"];
    private static readonly string[] Protocols = ["grpc", "http/protobuf"];

    private static readonly string[] Samplers =
    [
        "always_on", "always_off", "traceidratio", "parentbased_always_on", "parentbased_always_off", "parentbased_traceidratio",
    ];

    private static readonly string[] Numbers =
    [
        "OTEL_BSP_SCHEDULE_DELAY", "OTEL_BSP_EXPORT_TIMEOUT", "OTEL_BSP_MAX_QUEUE_SIZE", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE",
        "OTEL_BLRP_SCHEDULE_DELAY", "OTEL_BLRP_EXPORT_TIMEOUT", "OTEL_BLRP_MAX_QUEUE_SIZE", "OTEL_BLRP_MAX_EXPORT_BATCH_SIZE",
        "OTEL_METRIC_EXPORT_INTERVAL", "OTEL_METRIC_EXPORT_TIMEOUT", "OTEL_SPAN_LINK_COUNT_LIMIT",
    ];

    public static TelemetrySettings Read(SettingsReader settings)
    {
        foreach (var signal in Signals)
        {
            settings.HttpUrl($"{Exporter}{signal}ENDPOINT", "", "http://localhost:4317");
            settings.OneOf($"{Exporter}{signal}PROTOCOL", Protocols);
            settings.Whole($"{Exporter}{signal}TIMEOUT", 1, 1, int.MaxValue);
        }

        foreach (var number in Numbers)
        {
            settings.Whole(number, 1, 1, int.MaxValue);
        }

        settings.OneOf(Sampler, Samplers);
        if (settings.Text($"{Sampler}_ARG") is { Length: > 0 } share
            && !(double.TryParse(share, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && value is >= 0 and <= 1))
        {
            settings.Refuse($"{Sampler}_ARG", share, "give a number from 0 to 1");
        }

        return new TelemetrySettings();
    }
}
