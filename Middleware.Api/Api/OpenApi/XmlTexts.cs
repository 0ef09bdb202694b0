using System.Reflection;
using System.Xml.Linq;

namespace Middleware.Api.OpenApi;

/// <summary>
/// The summaries of handlers and query parameters, from the documentation file that is built beside the program: the framework's own support
/// sees public members only, and handlers are private.
/// </summary>
internal sealed class XmlTexts
{
    private readonly ILookup<string, XElement> _summaries = Read();

    /// <summary>Null when it has none.</summary>
    public string? Of(MethodInfo handler) => Text($"M:{handler.DeclaringType!.FullName}.{handler.Name}");

    /// <summary>Null when it has none.</summary>
    public string? Of(PropertyInfo property) => Text($"P:{property.DeclaringType!.FullName}.{property.Name}");

    private static ILookup<string, XElement> Read()
    {
        var path = Path.Combine(AppContext.BaseDirectory, Assembly.GetExecutingAssembly().GetName().Name + ".xml");
        IEnumerable<XElement> members = File.Exists(path) ? XDocument.Load(path).Descendants("member") : [];

        // A method's parameters are behind its name; no handler has another of its name.
        return members.Where(static member => member.Element("summary") is not null).ToLookup(
            static member => ((string)member.Attribute("name")!).Split('(')[0], static member => member.Element("summary")!);
    }

    private string? Text(string name) => _summaries[name].FirstOrDefault() is { } summary
        ? string.Join(' ', string.Concat(summary.Nodes().Select(Text)).Split(default(char[]), StringSplitOptions.RemoveEmptyEntries))
        : null;

    private static string Text(XNode node) => node switch
    {
        XElement { Name.LocalName: "c" } code => $"`{code.Value}`",
        XElement { Name.LocalName: "see" or "paramref" } reference => $"`{((string)reference.Attributes().First()).Split('.', ':')[^1]}`",
        XElement other => other.Value,
        _ => node.ToString(),
    };
}
