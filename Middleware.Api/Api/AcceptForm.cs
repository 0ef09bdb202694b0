namespace Middleware.Api;

/// <summary>How a version of the contract answers what was accepted; the body is the same in all of them.</summary>
internal sealed record AcceptForm(int Status, bool TellsLocation)
{
    /// <summary>Version 1, for one event and for many.</summary>
    public static readonly AcceptForm One = new(StatusCodes.Status200OK, TellsLocation: false);

    /// <summary>Version 2, for one event.</summary>
    public static readonly AcceptForm Two = new(StatusCodes.Status202Accepted, TellsLocation: true);

    /// <summary>Version 2, for many events, which have no location in common.</summary>
    public static readonly AcceptForm TwoOfMany = new(StatusCodes.Status202Accepted, TellsLocation: false);
}
