namespace Tests;

/// <summary>A folder of its own, deleted with all that is in it.</summary>
internal sealed class TemporaryDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("aspire-integration-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
