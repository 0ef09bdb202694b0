namespace AspireIntegration.Client.Operating;

/// <summary>A setting in force.</summary>
public sealed record SettingItem
{
    /// <summary>The environment variable.</summary>
    public string Name { get => field ?? ""; init; }

    /// <summary>
    /// The value in force as text: that of its start, or the default. Null for a secret, for the text of a file, and for a setting that has
    /// neither.
    /// </summary>
    public string? Value { get; init; }

    /// <summary>The default; null for a setting without one, or with one of the machine.</summary>
    public string? Default { get; init; }

    /// <summary>True when the configuration has it.</summary>
    public bool IsGiven { get; init; }

    /// <summary>The path of the file with its text; null where none is given.</summary>
    public string? File { get; init; }
}
