using Middleware.Cesql;

namespace Tests.Middleware.Cesql;

/// <summary>The attributes of an event as a table; only names in lower case are ever asked for.</summary>
internal sealed class CesqlEvent : Dictionary<string, CesqlValue>, ICesqlAttributes
{
    public bool TryGet(string name, out CesqlValue value) => TryGetValue(name, out value);

    /// <summary>What an expression that is one gives for this event.</summary>
    public CesqlResult Evaluate(string expression)
    {
        var parsed = CesqlExpression.Parse(expression);
        Assert.True(parsed.IsValid, $"{expression}: {parsed.Fault}");
        return parsed.Expression.Evaluate(this);
    }
}
