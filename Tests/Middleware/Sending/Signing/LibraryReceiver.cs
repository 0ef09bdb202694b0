using System.Diagnostics;

namespace Tests.Middleware.Sending.Signing;

/// <summary>A receiver in Node.js that holds one secret and verifies by the published library: 204 for what is signed by it, else 401.</summary>
internal sealed class LibraryReceiver : IAsyncDisposable
{
    private readonly Process _process;

    private LibraryReceiver(Process process) => _process = process;

    /// <summary>Where it listens.</summary>
    public required Uri Url { get; init; }

    /// <summary>Starts one on a free port; skips the test where there is no Node.js.</summary>
    public static async Task<LibraryReceiver> StartAsync(string secret)
    {
        const string Prefix = "Listening on ";
        await NodeTools.RequireAsync();
        var process = NodeTools.Start("receiver.js", ("SECRET", secret));
        var line = await process.StandardOutput.ReadLineAsync(Waiting.Cancellation).InTime();
        return line is not null
            ? new LibraryReceiver(process) { Url = new Uri(line[Prefix.Length..]) }
            : throw new InvalidOperationException(await process.StandardError.ReadToEndAsync(Waiting.Cancellation));
    }

    public async ValueTask DisposeAsync()
    {
        // It ends with its input.
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
