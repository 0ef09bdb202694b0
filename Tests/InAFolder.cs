namespace Tests;

/// <summary>Tests that have a folder of their own each.</summary>
public abstract class InAFolder : IDisposable
{
    private protected InAFolder(TemporaryDirectory? folder = null) => Folder = folder ?? new TemporaryDirectory();

    private protected TemporaryDirectory Folder { get; }

    public void Dispose()
    {
        Folder.Dispose();
        GC.SuppressFinalize(this);
    }
}
