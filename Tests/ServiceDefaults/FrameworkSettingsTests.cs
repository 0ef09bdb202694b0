using Microsoft.Extensions.Configuration;
using ServiceDefaults;
using ServiceDefaults.Logging;
using ServiceDefaults.Settings;
using static Tests.ServiceDefaults.SettingsReaderTests;

namespace Tests.ServiceDefaults;

/// <summary>Settings that a framework reads, and takes silently or fails of when they are bad.</summary>
public class FrameworkSettingsTests
{
    private const string Url = "expected an http or https URL such as http://localhost:4317, or nothing for none";
    private const string Samplers = "expected one of always_on, always_off, traceidratio, parentbased_always_on, parentbased_always_off, parentbased_traceidratio";
    private const string Pairs = "expected names and values such as api-key=abc,team=core, in ASCII, others as %C3%BC";
    private const string Listen = "expected a URL to listen on, without a path, such as http://127.0.0.1:8080 or http://*:8080";
    private const string Ports = "expected ports from 0 to 65535, separated by semicolons";
    private const string Levels = "expected Trace, Debug, Information, Warning, Error, Critical or None";

    [Theory]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4317", Url)]
    [InlineData("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "ftp://collector", Url)]
    [InlineData("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json", "expected one of grpc, http/protobuf")]
    [InlineData("OTEL_EXPORTER_OTLP_TIMEOUT", "10s", "expected a whole number from 1 to 2147483647")]
    [InlineData("OTEL_BSP_MAX_QUEUE_SIZE", "0", "expected a whole number from 1 to 2147483647")]
    [InlineData("OTEL_EXPORTER_OTLP_HEADERS", "(hidden)", Pairs)]
    [InlineData("OTEL_EXPORTER_OTLP_LOGS_CERTIFICATE", "/not/there", "expected the path of a file that is there")]
    [InlineData("OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "x", "expected a whole number from 1 to 2147483647")]
    [InlineData("OTEL_RESOURCE_ATTRIBUTES", "a=b,junk", Pairs)]
    [InlineData("OTEL_SDK_DISABLED", "maybe", "expected one of true, false")]
    [InlineData("OTEL_TRACES_SAMPLER", "sometimes", Samplers)]
    [InlineData("OTEL_TRACES_SAMPLER_ARG", "10%", "expected a number from 0 to 1")]
    [InlineData("OTEL_TRACES_SAMPLER_ARG", "1.1", "expected a number from 0 to 1")]
    [InlineData("OTEL_TRACES_SAMPLER_ARG", "NaN", "expected a number from 0 to 1")]
    public void A_bad_setting_of_telemetry_is_named(string name, string value, string accepted) => Refuses(name, name, value, accepted, TelemetrySettings.Check);

    [Theory]
    [InlineData("novalue")]
    [InlineData("a=b,c")]
    [InlineData(",")]
    [InlineData("=x")]
    [InlineData("a b=c")]
    [InlineData("a=\u00fc")]
    public void Bad_headers_of_telemetry_are_named_and_not_shown(string value)
    {
        var settings = new SettingsReader(Configured(("OTEL_EXPORTER_OTLP_HEADERS", value)));

        TelemetrySettings.Check(settings);

        Assert.Equal([$"OTEL_EXPORTER_OTLP_HEADERS: \"(hidden)\" is not accepted; {Pairs}."], settings.Failures);
    }

    [Theory]
    [InlineData("urls", "ASPNETCORE_URLS", "http://*:8080;nonsense", Listen)]
    [InlineData("urls", "ASPNETCORE_URLS", "http://*:99999", Listen)]
    [InlineData("urls", "ASPNETCORE_URLS", "ftp://*:21", Listen)]
    [InlineData("urls", "ASPNETCORE_URLS", "http://*:8080/api", Listen)]
    [InlineData("http_ports", "ASPNETCORE_HTTP_PORTS", "8080;http", Ports)]
    [InlineData("https_ports", "ASPNETCORE_HTTPS_PORTS", "-1", Ports)]
    [InlineData("Kestrel:Endpoints:Web:Url", "Kestrel__Endpoints__Web__Url", "bad", Listen)]
    [InlineData("Kestrel:Endpoints:Web:Protocols", "Kestrel__Endpoints__Web__Url", "", Listen)]
    public void A_bad_address_to_listen_on_is_named(string setting, string name, string value, string accepted) =>
        Refuses(setting, name, value, accepted, static settings => Listening.Read(settings, 1));

    [Theory]
    [InlineData("Logging:LogLevel:Default", "wurst")]
    [InlineData("Logging:LogLevel:Microsoft.AspNetCore", "7")]
    [InlineData("Logging:Console:LogLevel:Default", "warn")]
    public void A_bad_level_is_named_once_the_host_is_built(string path, string value)
    {
        var configuration = Configured((path, value));

        var read = LogLevels.Check(configuration);

        Assert.Null(configuration[path]);
        Refuses(configuration, path.Replace(":", "__", StringComparison.Ordinal), value, Levels, read);
    }

    [Fact]
    public void What_the_frameworks_accept_is_accepted()
    {
        var configuration = Configured(
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "https://collector:4317"), ("OTEL_EXPORTER_OTLP_LOGS_PROTOCOL", "http/protobuf"),
            ("OTEL_EXPORTER_OTLP_HEADERS", "api-key=a=b%20c,x="), ("OTEL_RESOURCE_ATTRIBUTES", "service.name=a,team=core"),
            ("OTEL_TRACES_SAMPLER", "PARENTBASED_TRACEIDRATIO"), ("OTEL_TRACES_SAMPLER_ARG", "1e-3"), ("OTEL_BSP_SCHEDULE_DELAY", "20"),
            ("urls", "http://[::1]:8080; https://*:8443/;http://localhost;http://unix:/run/service.sock"), ("http_ports", "8080;0"),
            ("Kestrel:Endpoints:Web:Url", "http://+:80"), ("Logging:LogLevel:Default", "debug"), ("Logging:LogLevel:Polly", ""));
        var settings = new SettingsReader(configuration);

        TelemetrySettings.Check(settings);
        Listening.Read(settings, 1);
        LogLevels.Check(configuration)(settings);

        Assert.Empty(settings.Failures);
        Assert.Equal("debug", configuration["Logging:LogLevel:Default"]);
    }

    private static void Refuses(string setting, string name, string value, string accepted, Action<SettingsReader> read) =>
        Refuses(Configured((setting, value)), name, value, accepted, read);

    private static void Refuses(IConfiguration configuration, string name, string value, string accepted, Action<SettingsReader> read)
    {
        var settings = new SettingsReader(configuration);

        read(settings);

        var failure = Assert.Single(settings.Failures);
        Assert.StartsWith($"{name}: \"", failure, StringComparison.Ordinal);
        Assert.Contains(value.Split(';')[^1], failure, StringComparison.Ordinal);
        Assert.EndsWith($"\" is not accepted; {accepted}.", failure, StringComparison.Ordinal);
    }
}
