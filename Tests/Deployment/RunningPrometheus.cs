using System.Diagnostics;

namespace Tests.Deployment;

/// <summary>Debian's Prometheus in a process of its own, with the configuration of <c>deploy/observability</c>, which scrapes a service every second.</summary>
internal sealed class RunningPrometheus : IDisposable
{
    private readonly TemporaryDirectory _folder = new();
    private readonly Process _process;
    private readonly HttpClient _http;

    public RunningPrometheus(string program, Uri service)
    {
        var configuration = Path.Combine(_folder.Path, "prometheus.yml");
        File.WriteAllText(configuration, Observability.Read("prometheus.yml")
            .Replace("localhost:8080", service.Authority, StringComparison.Ordinal).Replace("_interval: 15s", "_interval: 1s", StringComparison.Ordinal));
        File.WriteAllText(Path.Combine(_folder.Path, "alerts.yml"), Observability.Read("alerts.yml"));

        var port = LoopbackPort.Free();
        _http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        var start = new ProcessStartInfo(
            program, [$"--config.file={configuration}", $"--storage.tsdb.path={_folder.Path}/data", $"--web.listen-address=127.0.0.1:{port}", "--log.level=error"]);
        _process = Process.Start(start)!;
    }

    /// <summary>The lack of an expression: its error, or that it has no value; null for none.</summary>
    public async Task<string?> LackOfAsync(string expression)
    {
        try
        {
            using var answer = await _http.GetAsync($"/api/v1/query?query={Uri.EscapeDataString(expression)}", Waiting.Cancellation);
            var text = await answer.Content.ReadAsStringAsync(Waiting.Cancellation);
            if (answer.StatusCode == HttpStatusCode.ServiceUnavailable)
            {
                // It listens before it is ready, and says so in plain text.
                return text;
            }

            var body = JsonNode.Parse(text)!;
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
