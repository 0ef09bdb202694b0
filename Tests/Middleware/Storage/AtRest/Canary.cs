using System.Text;

namespace Tests.Middleware.Storage.AtRest;

/// <summary>Texts that must not be in the files of a data folder.</summary>
internal static class Canary
{
    /// <summary>Those of the texts that are in the folder of a service, once for each file.</summary>
    public static List<string> In(MiddlewareService service, params string[] texts) => In(Path.GetDirectoryName(service.DatabasePath)!, texts);

    public static List<string> In(string folder, params string[] texts) =>
        [.. Files(folder).SelectMany(bytes => texts.Where(text => bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(text)) >= 0))];

    /// <summary>The contents of all files of a folder, the lock left out.</summary>
    public static IEnumerable<byte[]> Files(string folder) => Directory.GetFiles(folder, "*", SearchOption.AllDirectories)
        .Where(static file => !file.EndsWith(".lock", StringComparison.Ordinal))
        .Select(Read);

    private static byte[] Read(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }
}
