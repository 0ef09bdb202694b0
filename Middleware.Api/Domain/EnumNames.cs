using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Middleware.Cesql;

namespace Middleware.Domain;

/// <summary>The names that an enum's values bear, outside of JSON as in it.</summary>
/// <param name="values">Those whose names are accepted.</param>
internal sealed class EnumNames<T>(IReadOnlyList<T> values)
    where T : struct, Enum
{
    public static readonly EnumNames<T> All = new(Enum.GetValues<T>());

    private readonly FrozenDictionary<T, string> _names = values.ToFrozenDictionary(
        static value => value, static value => JsonSerializer.SerializeToElement(value, (JsonTypeInfo<T>)EnumJson.Default.GetTypeInfo(typeof(T))!).GetString()!);

    /// <summary>In the order of the values.</summary>
    public IEnumerable<string> Texts => values.Select(Of);

    public string Of(T value) => _names[value];

    /// <summary>Null for a text that is none of the names, in whatever case.</summary>
    public T? Find(string text)
    {
        foreach (var (value, name) in _names)
        {
            if (name.Equals(text, StringComparison.OrdinalIgnoreCase))
            {
                return value;
            }
        }

        return null;
    }

    /// <summary>For people: a text that is none of the names, and what is accepted.</summary>
    public string Fault(string text) => $"\"{text}\" is none; {(values.Count == 1 ? Texts.Single() : $"one of {string.Join(", ", Texts)}")} is accepted";
}

/// <inheritdoc cref="EnumNames{T}"/>
internal static class EnumNames
{
    public static string Name<T>(this T value)
        where T : struct, Enum => EnumNames<T>.All.Of(value);
}

[JsonSourceGenerationOptions(UseStringEnumConverter = true)]
[JsonSerializable(typeof(CesqlFaultKind))]
[JsonSerializable(typeof(CircuitState))]
[JsonSerializable(typeof(DeadLetterState))]
[JsonSerializable(typeof(DeliveryFormat))]
[JsonSerializable(typeof(DeliveryStatus))]
[JsonSerializable(typeof(DisabledReason))]
[JsonSerializable(typeof(EndpointOrigin))]
[JsonSerializable(typeof(EventStatus))]
[JsonSerializable(typeof(HealthState))]
[JsonSerializable(typeof(Priority))]
[JsonSerializable(typeof(ReplayResult))]
[JsonSerializable(typeof(ReplayState))]
[JsonSerializable(typeof(ReplaySubject))]
[JsonSerializable(typeof(WaitingDeliveries))]
[JsonSerializable(typeof(WhenFull))]
internal sealed partial class EnumJson : JsonSerializerContext;
