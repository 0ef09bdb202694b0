using System.Buffers;
using System.Globalization;
using System.Text;
using ServiceDefaults.Settings;

namespace ServiceDefaults;

/// <summary>Checks the settings of OpenTelemetry's SDK, which takes bad ones for none: traces would be missed when they are needed.</summary>
internal static class TelemetrySettings
{
    private const string Exporter = "OTEL_EXPORTER_OTLP_";
    private const string Sampler = "OTEL_TRACES_SAMPLER";

    private static readonly SearchValues<char> Token =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    private static readonly string[] Signals = ["", "TRACES_", "METRICS_", "LOGS_"];
    private static readonly string[] Protocols = ["grpc", "http/protobuf"];

    private static readonly string[] Samplers =
    [
        "always_on", "always_off", "traceidratio", "parentbased_always_on", "parentbased_always_off", "parentbased_traceidratio",
    ];

    private static readonly string[] Files = ["CERTIFICATE", "CLIENT_CERTIFICATE", "CLIENT_KEY"];

    private static readonly string[] Numbers =
    [
        "OTEL_ATTRIBUTE_COUNT_LIMIT", "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT",
        "OTEL_BSP_SCHEDULE_DELAY", "OTEL_BSP_EXPORT_TIMEOUT", "OTEL_BSP_MAX_QUEUE_SIZE", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE",
        "OTEL_BLRP_SCHEDULE_DELAY", "OTEL_BLRP_EXPORT_TIMEOUT", "OTEL_BLRP_MAX_QUEUE_SIZE", "OTEL_BLRP_MAX_EXPORT_BATCH_SIZE",
        "OTEL_METRIC_EXPORT_INTERVAL", "OTEL_METRIC_EXPORT_TIMEOUT", "OTEL_SPAN_LINK_COUNT_LIMIT",
    ];

    public static void Check(SettingsReader settings)
    {
        foreach (var signal in Signals)
        {
            settings.HttpUrl($"{Exporter}{signal}ENDPOINT", "", "http://localhost:4317");
            settings.CheckOneOf($"{Exporter}{signal}PROTOCOL", Protocols);
            settings.Whole($"{Exporter}{signal}TIMEOUT", 1, 1, int.MaxValue);
            CheckPairs(settings, $"{Exporter}{signal}HEADERS", isHidden: true);
            foreach (var file in Files.Select(file => $"{Exporter}{signal}{file}").Where(file => settings.Text(file) is { Length: > 0 } path && !File.Exists(path)))
            {
                settings.Refuse(file, settings.Text(file)!, "expected the path of a file that is there");
            }
        }

        foreach (var number in Numbers)
        {
            settings.Whole(number, 1, 1, int.MaxValue);
        }

        CheckPairs(settings, "OTEL_RESOURCE_ATTRIBUTES", isHidden: false);
        settings.CheckOneOf("OTEL_SDK_DISABLED", ["true", "false"]);
        settings.CheckOneOf(Sampler, Samplers);
        if (settings.Text($"{Sampler}_ARG") is { Length: > 0 } share
            && !(double.TryParse(share, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && value is >= 0 and <= 1))
        {
            settings.Refuse($"{Sampler}_ARG", share, "expected a number from 0 to 1");
        }
    }

    /// <summary>Names are tokens (RFC 9110, 5.6.2), values are encoded as in URLs. Headers may be credentials.</summary>
    private static void CheckPairs(SettingsReader settings, string name, bool isHidden)
    {
        var text = settings.Text(name) ?? "";
        if (!SettingsReader.Entries(text).All(static pair =>
            pair.Split('=', 2) is [var key, var value] && key.Trim() is { Length: > 0 } token && !token.AsSpan().ContainsAnyExcept(Token) && Ascii.IsValid(value)))
        {
            settings.Refuse(name, isHidden ? "(hidden)" : text, "expected names and values such as api-key=abc,team=core, in ASCII, others as %C3%BC");
        }
    }
}
