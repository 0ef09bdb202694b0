using System.Globalization;
using Middleware.Filtering.Cesql;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Tests.Middleware.Filtering.Cesql;

/// <summary>A case of the conformance suite of CloudEvents SQL.</summary>
internal sealed record ConformanceCase(string File, string Name, string Expression, CesqlEvent Event, CesqlValue? Result, CesqlFaultKind? Error)
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Middleware", "Cesql", "tck");

    private static readonly Dictionary<string, CesqlFaultKind> Errors = new()
    {
        ["parse"] = CesqlFaultKind.Parse,
        ["math"] = CesqlFaultKind.Math,
        ["cast"] = CesqlFaultKind.Cast,
        ["missingFunction"] = CesqlFaultKind.MissingFunction,
        ["functionEvaluation"] = CesqlFaultKind.FunctionEvaluation,
        ["missingAttribute"] = CesqlFaultKind.MissingAttribute,
        ["generic"] = CesqlFaultKind.Generic,
    };

    public static IReadOnlyList<string> Files { get; } = [.. Directory.GetFiles(Folder).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal)];

    public static IReadOnlyList<ConformanceCase> All { get; } = [.. Files.SelectMany(Read)];

    private static IEnumerable<ConformanceCase> Read(string file)
    {
        using var reader = new StreamReader(Path.Combine(Folder, file));
        var yaml = new YamlStream();
        yaml.Load(reader);
        return [.. ((YamlSequenceNode)yaml.Documents[0].RootNode["tests"]).Cast<YamlMappingNode>().Select(test => Read(file, test))];
    }

    private static ConformanceCase Read(string file, YamlMappingNode test)
    {
        string[] known = ["name", "expression", "result", "error", "event", "eventOverrides"];
        Assert.All(test.Children.Keys, key => Assert.Contains(Text(key), known));
        return new ConformanceCase(
            file,
            Text(test["name"]),
            Text(test["expression"]),
            EventOf(test),
            Member(test, "result") is YamlScalarNode result ? Value(result) : null,
            Member(test, "error") is { } error ? Errors[Text(error)] : null);
    }

    private static CesqlEvent EventOf(YamlMappingNode test)
    {
        var attributes = new CesqlEvent();
        if (Member(test, "event") is not YamlMappingNode given)
        {
            attributes["specversion"] = new CesqlValue("1.0");
            attributes["id"] = new CesqlValue("an id");
            attributes["source"] = new CesqlValue("urn:a:source");
            attributes["type"] = new CesqlValue("a.type");
            given = Member(test, "eventOverrides") as YamlMappingNode ?? [];
        }

        foreach (var (name, value) in given.Children)
        {
            attributes[Text(name)] = Value((YamlScalarNode)value);
        }

        return attributes;
    }

    /// <summary>Only what is written without quotes can be an integer or a boolean.</summary>
    private static CesqlValue Value(YamlScalarNode scalar) => Text(scalar) switch
    {
        var text when scalar.Style != ScalarStyle.Plain => new(text),
        "true" or "True" or "TRUE" => new(true),
        "false" or "False" or "FALSE" => new(false),
        var text when int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) => new(number),
        var text => new(text),
    };

    private static YamlNode? Member(YamlMappingNode node, string name) => node.Children.TryGetValue(name, out var value) ? value : null;

    private static string Text(YamlNode node) => ((YamlScalarNode)node).Value!;
}
