using ServiceDefaults.Settings;

namespace Middleware.Endpoints;

/// <summary>
/// The folder of the files that secrets may refer to (<c>SECRETS_DIR</c>); null for none. A link in it may lead on within it, as Kubernetes mounts
/// secrets, and not out of it. Nor may one refer to a file of the service's own settings: its text would go to the receiver.
/// </summary>
internal sealed record SecretsFolder(string? Path)
{
    public const string Scheme = "file:";

    /// <summary>The files of the service's own settings.</summary>
    public IReadOnlyList<(string Setting, string Path)> OfSettings { get; init; } = [];

    private string Outside => $"expected a file in {Path} (SECRETS_DIR), also behind links";

    public static SecretsFolder Read(SettingsReader settings)
    {
        if (settings.Text(Setting.SecretsDir.Name) is not { Length: > 0 } path)
        {
            return new SecretsFolder((string?)null);
        }

        if (!System.IO.Path.IsPathFullyQualified(path) || !Directory.Exists(path))
        {
            settings.Refuse(Setting.SecretsDir.Name, path, "expected the absolute path of a folder that is there, such as /run/secrets, or nothing for no references");
        }

        return new SecretsFolder(System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(path))) { OfSettings = settings.Files };
    }

    /// <summary>The expectation that a reference does not meet; null for one that may be kept. Its file may come later.</summary>
    public string? FaultIn(string reference)
    {
        if (Path is null)
        {
            return "expected the text itself, or the setting SECRETS_DIR with the folder of the file";
        }

        if (!reference.StartsWith(Scheme, StringComparison.Ordinal) || reference.Contains('\0', StringComparison.Ordinal) || !System.IO.Path.IsPathFullyQualified(reference[Scheme.Length..]))
        {
            return $"expected {Scheme} and an absolute path, such as {Scheme}{System.IO.Path.Join(Path, "pager")}";
        }

        var path = System.IO.Path.GetFullPath(reference[Scheme.Length..]);
        try
        {
            return IsIn(Path, path) ? FaultInResolved(PathLinks.Resolve(path)) : Outside;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return Outside;
        }
    }

    /// <summary>Reads the text of a reference, or the expectation that it does not meet.</summary>
    public (string? Text, string? Fault) ReadText(string reference)
    {
        if (FaultIn(reference) is { } fault)
        {
            return (null, fault);
        }

        try
        {
            // The judged path itself: a link that changes meanwhile leads nowhere else.
            var path = PathLinks.Resolve(System.IO.Path.GetFullPath(reference[Scheme.Length..]));
            var read = FaultInResolved(path) is { } changed ? new TextFile(null, changed) : TextFile.Read(path);
            return (read.Text, read.Fault);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return (null, Outside);
        }
    }

    private string? FaultInResolved(string path) =>
        !IsIn(PathLinks.Resolve(Path!), path) ? Outside
        : OfSettings.FirstOrDefault(file => PathLinks.Resolve(System.IO.Path.GetFullPath(file.Path)) == path) is { Setting: { } setting } ? $"expected a file of the endpoint's own: this is that of {setting}"
        : null;

    private static bool IsIn(string folder, string path) => path.StartsWith(folder.TrimEnd(System.IO.Path.DirectorySeparatorChar) + System.IO.Path.DirectorySeparatorChar, StringComparison.Ordinal);
}
