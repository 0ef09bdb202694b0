using System.Globalization;

namespace Middleware.Storage.Sql;

/// <summary>The conditions of a search as one SQL expression, with their values as parameters.</summary>
/// <param name="firstParameter">The number of the first parameter.</param>
internal sealed class Conditions(int firstParameter)
{
    private readonly List<string> _parts = [];
    private readonly List<object> _values = [];

    /// <summary>True without a condition.</summary>
    public bool IsEmpty => _parts.Count == 0;

    public string Sql => IsEmpty ? "TRUE" : string.Join(" AND ", _parts);

    /// <summary>Adds <c>before ?n after</c>, unless the value is null.</summary>
    public Conditions Add(string before, string? value, string after = "") => AddValue(before, value, after);

    public Conditions Add(string before, long? value) => AddValue(before, value, "");

    public Conditions AddTime(string before, DateTimeOffset? value) => AddValue(before, value is { } time ? StoredTime.From(time) : null, "");

    public void BindTo(SqlStatement statement)
    {
        for (var index = 0; index < _values.Count; index++)
        {
            if (_values[index] is long number)
            {
                statement.Bind(firstParameter + index, number);
            }
            else
            {
                statement.Bind(firstParameter + index, (string)_values[index]);
            }
        }
    }

    private Conditions AddValue(string before, object? value, string after)
    {
        if (value is not null)
        {
            _parts.Add(string.Create(CultureInfo.InvariantCulture, $"{before} ?{firstParameter + _values.Count}{after}"));
            _values.Add(value);
        }

        return this;
    }
}
