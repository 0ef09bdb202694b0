using System.Reflection;
using System.Xml.Linq;
using Middleware;

namespace Tests.Middleware.Http.Contract.Made;

/// <summary>The summaries of handlers, of types and of their members, from the documentation files that are built beside the programs.</summary>
internal sealed class XmlTexts
{
    private readonly ILookup<string, XElement> _members = new[] { typeof(Api).Assembly, typeof(XmlTexts).Assembly }
        .SelectMany(static assembly => XDocument.Load(Path.Combine(AppContext.BaseDirectory, assembly.GetName().Name + ".xml")).Descendants("member"))
        // A method's parameters are behind its name; no handler has another of its name.
        .ToLookup(static member => ((string)member.Attribute("name")!).Split('(')[0]);

    /// <summary>In one line; null when it has none.</summary>
    public string? Of(MethodInfo handler) => Text(_members[$"M:{handler.DeclaringType!.FullName}.{handler.Name}"].FirstOrDefault()?.Element("summary"))?.Replace('\n', ' ');

    /// <summary>Null when it has none.</summary>
    public string? Of(Type type) => Text(_members[NameOf(type)].FirstOrDefault()?.Element("summary"));

    /// <summary>Of a property, or of the parameter of a record that makes it; null when it has none.</summary>
    public string? Of(PropertyInfo property) =>
        Text(_members[$"P{NameOf(property.DeclaringType!)[1..]}.{property.Name}"].FirstOrDefault()?.Element("summary")
            ?? _members[NameOf(property.DeclaringType!)].FirstOrDefault()?.Elements("param").FirstOrDefault(parameter => (string?)parameter.Attribute("name") == property.Name));

    private static string NameOf(Type type) => $"T:{(type.IsGenericType ? type.GetGenericTypeDefinition() : type).FullName!.Replace('+', '.')}";

    private static string? Text(XElement? text) => text is null
        ? null
        : string.Join('\n', string.Concat(text.Nodes().Select(Text)).Split('\n').Select(static line => line.Trim()).Where(static line => line.Length > 0));

    private static string Text(XNode node) => node switch
    {
        XElement { Name.LocalName: "c" } code => $"`{code.Value}`",
        XElement { Name.LocalName: "see" or "paramref" } reference => $"`{((string)reference.Attributes().First()).Split('.', ':')[^1]}`",
        XElement other => other.Value,
        _ => node.ToString(),
    };
}
