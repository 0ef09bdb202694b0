namespace AspireIntegration.Client.Hosting;

/// <summary>An API key in a file, which is read again when it is older than 30 s: keys are rotated with an overlap.</summary>
internal sealed class KeyFile(string path, TimeProvider clock)
{
    private static readonly TimeSpan Age = TimeSpan.FromSeconds(30);

    // Written as a whole: two requests at once may read the file twice, and nothing else.
    private volatile Reading? _last;

    public async ValueTask<string?> ReadAsync(CancellationToken cancellationToken)
    {
        if (_last is { } last && clock.GetElapsedTime(last.At) < Age)
        {
            return last.Key;
        }

        try
        {
            var text = (await File.ReadAllTextAsync(path, cancellationToken).ConfigureAwait(false)).Trim();
            _last = text.Length > 0 ? new Reading(text, clock.GetTimestamp()) : throw new IOException("The file is empty.");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // The file is being replaced: the key before it is good for a while. Its next reading is due at once.
            if (_last is null)
            {
                throw new InvalidOperationException($"KeyFile \"{path}\" cannot be read; expected a file with an API key", fault);
            }
        }

        return _last!.Key;
    }

    private sealed record Reading(string Key, long At);
}
