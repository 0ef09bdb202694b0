using System.Runtime.InteropServices;

namespace Tests.Middleware.Tls;

/// <summary>A folder of secrets as Kubernetes mounts it: each file is a link through a link to a folder, and that link is exchanged with all files at once.</summary>
internal sealed class MountedSecret : IDisposable
{
    private readonly TemporaryDirectory _folder = new();
    private int _version;

    public string PathOf(string name) => Path.Combine(_folder.Path, name);

    /// <summary>Exchanges all files.</summary>
    public void Put(params (string Name, string Text)[] files)
    {
        var version = $"..{++_version}";
        Directory.CreateDirectory(PathOf(version));
        foreach (var (name, text) in files)
        {
            File.WriteAllText(Path.Combine(PathOf(version), name), text);
            if (!File.Exists(PathOf(name)))
            {
                File.CreateSymbolicLink(PathOf(name), Path.Combine("..data", name));
            }
        }

        File.CreateSymbolicLink(PathOf("..next"), version);
        Assert.Equal(0, Rename(PathOf("..next"), PathOf("..data")));
    }

    public void Dispose() => _folder.Dispose();

    // The platform's own moves no link to a folder.
    [DllImport("libc", EntryPoint = "rename", CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Rename(string from, string to);
}
