using Middleware.Filtering.Cesql;

namespace Tests.Middleware.Filtering.Cesql;

/// <summary>The attributes of an event as a table; only names in lower case are ever asked for.</summary>
internal sealed class CesqlEvent : Dictionary<string, CesqlValue>, ICesqlAttributes
{
    public bool TryGet(string name, out CesqlValue value) => TryGetValue(name, out value);

    /// <summary>Evaluates a valid expression for this event.</summary>
    public CesqlResult Evaluate(string expression) => Evaluate(expression, long.MaxValue).Result;

    /// <summary>The same within so many steps, and how many it cost.</summary>
    public (CesqlResult Result, long Steps) Evaluate(string expression, long mostSteps)
    {
        var parsed = CesqlExpression.Parse(expression);
        Assert.True(parsed.IsValid, $"{expression}: {parsed.Fault}");
        var budget = new StepBudget(mostSteps);
        return (parsed.Expression.Evaluate(this, ref budget), mostSteps - budget.Left);
    }
}
