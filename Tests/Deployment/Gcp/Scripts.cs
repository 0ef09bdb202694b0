using System.Runtime.Versioning;
using System.Text.RegularExpressions;
using Tests.Words;

namespace Tests.Deployment.Gcp;

/// <summary>The commands of the scripts in deploy/gcp, and those of the guides in docs/deploy.</summary>
internal static partial class Scripts
{
    /// <summary>The guide whose steps are the scripts' own.</summary>
    public const string Manual = "docs/deploy/gcp-manual.md";

    public const string Deploy = "deploy/gcp/deploy.sh";
    public const string Install = "deploy/gcp/install.sh";
    public const string Package = "deploy/gcp/package.sh";

    public static IReadOnlyList<string> All => [.. Prose.Files("*.sh", "deploy"), "Tests/Deployment/Gcp/gcloud"];

    /// <summary>The lines of a script, each with those that it goes on in, and without the word that makes a call a change.</summary>
    public static IEnumerable<string> LinesOf(string script) => Joined(Read(script)).Select(static line => line.StartsWith("change ", StringComparison.Ordinal) ? line["change ".Length..] : line);

    /// <summary>The lines of a document's code blocks of one language: those of <c>sh</c> are steps, those of <c>bash</c> set variables or look at something.</summary>
    public static IEnumerable<string> BlocksOf(string document, string language) => BlocksIn(Read(document), language);

    public static IEnumerable<string> BlocksIn(string text, string language) => Block().Matches(text)
        .Where(block => block.Groups[1].Value == language).SelectMany(static block => Joined(block.Groups[2].Value));

    public static string Read(string path) => File.ReadAllText(Path.Combine(Prose.Root, path));

    /// <summary>Writes a program that everybody may run.</summary>
    [SupportedOSPlatform("linux")]
    public static void WriteProgram(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        File.SetUnixFileMode(path, (UnixFileMode)0b111_101_101);
    }

    private static IEnumerable<string> Joined(string text) => Continuation().Replace(text, " ").Split('\n')
        .Select(static line => line.Trim()).Where(static line => line.Length > 0 && !line.StartsWith('#'));

    [GeneratedRegex(@"^ *```(\w+)\n(.*?)^ *```", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Block();

    [GeneratedRegex(@"\s*\\\n\s*")]
    private static partial Regex Continuation();
}
