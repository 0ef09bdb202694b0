using System.Reflection;

namespace Middleware.Storage.Sql;

/// <summary>The numbered scripts of an engine's schema, which are part of the program.</summary>
internal static class SchemaScripts
{
    /// <summary>The scripts of an engine, oldest first.</summary>
    public static IReadOnlyList<string> Of(string engine)
    {
        var assembly = Assembly.GetExecutingAssembly();
        var names = assembly.GetManifestResourceNames().Where(name => name.StartsWith(engine + "/", StringComparison.Ordinal));
        return [.. names.Order(StringComparer.Ordinal).Select(name => Read(assembly, name))];
    }

    private static string Read(Assembly assembly, string name)
    {
        using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
        return reader.ReadToEnd();
    }
}
