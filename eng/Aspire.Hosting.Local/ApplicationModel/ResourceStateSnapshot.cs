namespace Aspire.Hosting.ApplicationModel;

/// <summary>One of <see cref="KnownResourceStates"/>, and how to show it.</summary>
public sealed record ResourceStateSnapshot(string Text, string? Style)
{
    /// <summary>A state without a style.</summary>
    public static implicit operator ResourceStateSnapshot?(string? text) => text is null ? null : new(text, Style: null);
}
