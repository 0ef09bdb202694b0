using System.Diagnostics;

namespace Clients;

/// <summary>The middleware as it was built, on a folder of its own and a free port.</summary>
internal sealed class Service : IDisposable
{
    private const string Listening = "Now listening on: ";
    private static readonly TimeSpan LongestStart = TimeSpan.FromMinutes(1);

    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("clients-");
    private readonly Process _process;

    private Service()
    {
        // artifacts/bin/Clients/debug/ -> artifacts/bin/Middleware.Api/debug/
        var own = Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory);
        var folder = Path.GetFullPath(Path.Combine(own, "..", "..", "Middleware.Api", Path.GetFileName(own)));
        _process = Process.Start(new ProcessStartInfo("dotnet", [Path.Combine(folder, "Middleware.Api.dll")])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            Environment =
            {
                ["ASPNETCORE_URLS"] = "http://127.0.0.1:0", ["DATA_DIR"] = _data.FullName, ["EXTERNAL_ENDPOINT_URL"] = "", ["AUTH"] = "off",
            },
        })!;
    }

    public static async Task<(Service Service, Uri Address)> StartAsync()
    {
        var service = new Service();
        try
        {
            using var bound = new CancellationTokenSource(LongestStart);
            while (await service._process.StandardOutput.ReadLineAsync(bound.Token) is { } line)
            {
                if (line.IndexOf(Listening, StringComparison.Ordinal) is >= 0 and var at)
                {
                    _ = service._process.StandardOutput.ReadToEndAsync(CancellationToken.None);
                    return (service, new Uri(line[(at + Listening.Length)..line.IndexOf('"', at)]));
                }
            }

            throw new InvalidOperationException("The middleware did not start.");
        }
        catch
        {
            service.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        _data.Delete(recursive: true);
    }
}
