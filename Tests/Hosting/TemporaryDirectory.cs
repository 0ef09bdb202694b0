namespace Tests.Hosting;

internal sealed class TemporaryDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("aspire-integration-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
