namespace Middleware.Filtering.Cesql;

/// <summary>
/// Steps left for evaluations. Each word of an expression costs some, evaluated or not. A character that is looked at costs one, and so do several
/// that are compared at once. So an expression costs the same for the same event on any machine.
/// </summary>
internal struct StepBudget(long steps)
{
    /// <summary>So many characters are compared at once.</summary>
    public const int ComparedAtOnce = 16;

    /// <summary>Negative after more was to be spent than there was.</summary>
    public long Left { get; private set; } = steps;

    public readonly bool IsSpent => Left < 0;

    /// <summary>False when fewer are left: then all of them are spent.</summary>
    public bool TrySpend(long steps)
    {
        Left -= steps;
        return Left >= 0;
    }

    /// <summary>False when fewer steps are left than a comparison of so many characters costs.</summary>
    public bool TryCompare(int characters) => TrySpend(1 + (characters / ComparedAtOnce));
}

/// <summary>The attributes of one event. Called from as many threads as evaluate against it.</summary>
internal interface ICesqlAttributes
{
    /// <summary>False when the event has no such attribute.</summary>
    /// <param name="name">In lower case, whatever its case in the expression.</param>
    /// <param name="value">The attribute; addresses and times are strings.</param>
    bool TryGet(string name, out CesqlValue value);
}
