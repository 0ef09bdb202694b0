using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Tests.Deployment;

/// <summary>Debian's Prometheus in a process of its own, with the configuration of <c>deploy/observability</c>, which scrapes a service every second.</summary>
internal sealed class RunningPrometheus : IDisposable
{
    private readonly TemporaryDirectory _folder = new();
    private readonly Process _process;
    private readonly HttpClient _http;

    private RunningPrometheus(Uri service)
    {
        var configuration = Path.Combine(_folder.Path, "prometheus.yml");
        File.WriteAllText(configuration, Observability.Read("prometheus.yml")
            .Replace("localhost:8080", service.Authority, StringComparison.Ordinal).Replace("_interval: 15s", "_interval: 1s", StringComparison.Ordinal));
        File.WriteAllText(Path.Combine(_folder.Path, "alerts.yml"), Observability.Read("alerts.yml"));

        var port = LoopbackPort.Free();
        _http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        var start = new ProcessStartInfo(
            "prometheus", [$"--config.file={configuration}", $"--storage.tsdb.path={_folder.Path}/data", $"--web.listen-address=127.0.0.1:{port}", "--log.level=error"]);
        _process = Process.Start(start)!;
    }

    /// <summary>Skips the test where there is no Prometheus, but for CI.</summary>
    public static RunningPrometheus Start(Uri service)
    {
        try
        {
            return new RunningPrometheus(service);
        }
        catch (Win32Exception exception)
        {
            Assert.SkipWhen(Environment.GetEnvironmentVariable("CI") != "true", $"Prometheus is needed: {exception.Message}");
            throw;
        }
    }

    /// <summary>The lack of an expression: its error, or that it has no value; null for none.</summary>
    public async Task<string?> LackOfAsync(string expression)
    {
        try
        {
            using var answer = await _http.GetAsync($"/api/v1/query?query={Uri.EscapeDataString(expression)}", Waiting.Cancellation);
            var body = JsonNode.Parse(await answer.Content.ReadAsStringAsync(Waiting.Cancellation))!;
            return (string?)body["status"] != "success" ? (string?)body["error"] : body["data"]!["result"]!.AsArray().Count == 0 ? "no value" : null;
        }
        catch (HttpRequestException exception)
        {
            return exception.Message;
        }
    }

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        _http.Dispose();
        _folder.Dispose();
    }
}
