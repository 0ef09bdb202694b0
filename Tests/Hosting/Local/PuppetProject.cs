using Aspire.Hosting;

namespace Tests.Hosting.Local;

/// <summary>Where eng/Puppet is and where it has been built, beside these tests.</summary>
internal sealed class PuppetProject : IProjectMetadata
{
    private static readonly DirectoryInfo Output = new(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));

    public static string Root { get; } = Output.Parent!.Parent!.Parent!.Parent!.FullName;

    public string ProjectPath => Path.Combine(Root, "eng", "Puppet", "Puppet.csproj");

    public string AssemblyPath => BuiltAssembly("Puppet");

    public static string BuiltAssembly(string project) =>
        Path.Combine(Output.Parent!.Parent!.FullName, project, Output.Name, $"{project}.dll");
}
