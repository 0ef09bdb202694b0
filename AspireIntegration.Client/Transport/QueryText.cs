using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using AspireIntegration.Client.Json;

namespace AspireIntegration.Client.Transport;

/// <summary>The query of a URL. A parameter that is null is left out.</summary>
internal sealed class QueryText
{
    private readonly StringBuilder _text = new();

    public QueryText Add(string name, string? value)
    {
        if (value is not null)
        {
            _text.Append(_text.Length == 0 ? '?' : '&').Append(name).Append('=').Append(Uri.EscapeDataString(value));
        }

        return this;
    }

    public QueryText Add(string name, int? value) => Add(name, value?.ToString(CultureInfo.InvariantCulture));

    public QueryText Add(string name, DateTimeOffset? value) => Add(name, value is { } time ? TimeText.Format(time) : null);

    public QueryText AddName<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicFields)] T>(string name, T? value)
        where T : struct, Enum => Add(name, value is { } given ? EnumText<T>.Of(given) : null);

    public override string ToString() => _text.ToString();
}
