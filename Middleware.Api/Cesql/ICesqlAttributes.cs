namespace Middleware.Cesql;

/// <summary>The attributes of one event. Called from as many threads as evaluate against it.</summary>
internal interface ICesqlAttributes
{
    /// <summary>False when the event has no such attribute.</summary>
    /// <param name="name">In lower case, whatever its case in the expression.</param>
    /// <param name="value">The attribute; addresses and times are strings.</param>
    bool TryGet(string name, out CesqlValue value);
}
