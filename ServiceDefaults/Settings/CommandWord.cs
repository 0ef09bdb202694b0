namespace ServiceDefaults.Settings;

/// <summary>A word of the command line, as .NET takes settings from it.</summary>
/// <param name="Text">The word as it was given.</param>
/// <param name="Name">The name in <c>name=value</c>, <c>--name=value</c>, <c>/name=value</c>, <c>--name value</c> and <c>/name value</c>; null for another form.</param>
/// <param name="Value">Its value.</param>
public sealed record CommandWord(string Text, string? Name = null, string Value = "")
{
    /// <summary>The setting in the one form that has all names.</summary>
    public string Setting => $"{Name}={Value}";

    /// <summary>True for a switch, which is written with its dashes.</summary>
    public bool IsSwitch(string name) => Name is not null && (Text == name || Text.StartsWith(name + "=", StringComparison.Ordinal));

    /// <summary>The first word that is no setting; null for none. A command written as a setting, such as <c>--healthcheck=yes</c>, is a slip.</summary>
    public static string? Unknown(string[] arguments) => Read(arguments).FirstOrDefault(static word => word.Name is null or "healthcheck" or "help" or "version")?.Text;

    /// <summary>Reads all words; a value behind its name is none of its own.</summary>
    public static IReadOnlyList<CommandWord> Read(string[] arguments)
    {
        var words = new List<CommandWord>();
        for (var at = 0; at < arguments.Length; at++)
        {
            var text = arguments[at];
            var prefix = text.StartsWith("--", StringComparison.Ordinal) ? 2 : text.StartsWith('/') ? 1 : 0;
            var equals = text.IndexOf('=', StringComparison.Ordinal);
            words.Add(
                equals > prefix && (prefix > 0 || text[0] != '-') ? new CommandWord(text, text[prefix..equals], text[(equals + 1)..])
                : equals < 0 && prefix > 0 && text.Length > prefix && at + 1 < arguments.Length ? new CommandWord(text, text[prefix..], arguments[++at])
                : new CommandWord(text));
        }

        return words;
    }
}
