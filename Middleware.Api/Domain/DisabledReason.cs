namespace Middleware.Domain;

/// <summary>Why an endpoint is disabled: its events wait for it until an operator enables it. The names are stored; they never change.</summary>
internal enum DisabledReason
{
    /// <summary>An operator says so.</summary>
    Operator,

    /// <summary>It answered 410: it wants no more.</summary>
    Gone,

    /// <summary>It failed for <c>AUTO_DISABLE_AFTER</c> without one success.</summary>
    Failing,

    /// <summary>The configuration says so, or declares it no more.</summary>
    Configuration,
}

/// <summary>The names in answers.</summary>
internal static class DisabledReasons
{
    public static readonly EnumNames<DisabledReason> Names = new(Name);

    public static string Name(this DisabledReason reason) => reason switch
    {
        DisabledReason.Operator => "operator",
        DisabledReason.Gone => "gone",
        DisabledReason.Failing => "failing",
        _ => "configuration",
    };
}
