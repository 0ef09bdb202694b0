namespace Middleware.Filtering.Cesql;

/// <summary>
/// Steps left for evaluations. The words of an expression cost some each, whether they are evaluated or not; a character that
/// is looked at costs one, and so do several that are compared at once. So an expression costs the same for the same event on any machine.
/// </summary>
internal struct StepBudget(long steps)
{
    /// <summary>So many characters are compared at once.</summary>
    public const int ComparedAtOnce = 16;

    /// <summary>Negative once more was to be spent than there was.</summary>
    public long Left { get; private set; } = steps;

    public readonly bool IsSpent => Left < 0;

    /// <summary>False when there is not as much: then all of it is spent.</summary>
    public bool TrySpend(long steps)
    {
        Left -= steps;
        return Left >= 0;
    }

    /// <summary>False when what it costs to compare so many characters is not there.</summary>
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
