namespace Middleware.Events;

/// <summary>The originator of a change, as the audit log names it.</summary>
/// <param name="Name">The caller, such as <c>key:3kQ9xT0b</c>, or a part of the service itself.</param>
/// <param name="Note">The person beside it (<c>X-Operator</c>); null for none.</param>
internal sealed record Actor(string Name, string? Note = null)
{
    public const string Anonymous = "anonymous";

    /// <summary>The settings, at a start.</summary>
    public static readonly Actor Configuration = new("configuration");

    /// <summary>A command of the program, on a store that no service has open.</summary>
    public static readonly Actor Command = new("command");

    /// <summary>The service by itself, such as for an endpoint that fails for days.</summary>
    public static readonly Actor Service = new("service");

    /// <summary>The caller and the person. Where no credential is asked for, the person alone.</summary>
    public override string ToString() => Note is null ? Name : Name == Anonymous ? Note : $"{Name} ({Note})";
}
