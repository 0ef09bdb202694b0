using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;
using Middleware.Events;

namespace Middleware.Http;

/// <summary>
/// Reads the members of a JSON object, a query or a section of the configuration, and notes all faults of each. The members that are read are those
/// that the contract describes.
/// </summary>
/// <param name="source">The object.</param>
/// <param name="errors">The faults, by the name of the member.</param>
/// <param name="prefix">The prefix of a member's name there.</param>
internal sealed class RequestReader(JsonElement source, IDictionary<string, string[]> errors, string prefix = "")
{
    private readonly List<RequestMember> _members = [];

    /// <summary>True where every value is text, as in a query: numbers and flags are then read from it.</summary>
    public bool IsText { get; init; }

    /// <summary>True for a JSON merge patch (RFC 7396): a member that is left out is read from <see cref="Shown"/>.</summary>
    public bool IsPatch { get; init; }

    /// <summary>The resource that the request changes, as it is shown: its read-only members may be sent back. Undefined for none.</summary>
    public JsonElement Shown { get; init; }

    /// <summary>Read-only members that may have any value.</summary>
    public IReadOnlyCollection<string> PassedOver { get; init; } = [];

    public IReadOnlyList<RequestMember> Members => _members;

    public IDictionary<string, string[]> Errors => errors;

    /// <summary>The object of a request's body.</summary>
    public static RequestReader Of(HttpContext context) => new(context.Features.GetRequiredFeature<JsonDocument>().RootElement, new Dictionary<string, string[]>());

    /// <summary>The parameters of a query, whose names have no case.</summary>
    public static RequestReader Of(IQueryCollection query)
    {
        var errors = new Dictionary<string, string[]>();
        foreach (var (name, _) in query.Where(static parameter => parameter.Value.Count > 1))
        {
            errors[name] = ["must be given once"];
        }

        var members = query.Select(static parameter => KeyValuePair.Create<string, JsonNode?>(parameter.Key.ToLowerInvariant(), parameter.Value[0] ?? ""));
        return new RequestReader(JsonElement.Parse(new JsonObject(members).ToJsonString()), errors) { IsText = true };
    }

    /// <summary>400 with all faults, unknown members included; null for none.</summary>
    public ValidationProblem? Refusal()
    {
        RefuseTheRest();
        return errors.Count == 0 ? null : ApiProblems.Invalid(errors);
    }

    /// <summary>True for the name of a member that was read, given or not.</summary>
    public bool IsMember(string name) => _members.Exists(known => known.Name == name);

    /// <summary>
    /// Refuses unknown members: each would otherwise be a setting that does nothing. Called last. A read-only member may be sent back and is refused
    /// only with another value. A patch may remove a member that is missing.
    /// </summary>
    public void RefuseTheRest()
    {
        foreach (var member in source.EnumerateObject().Where(member => !IsMember(member.Name) && !PassedOver.Contains(member.Name)))
        {
            if (Shown.ValueKind == JsonValueKind.Object && Shown.TryGetProperty(member.Name, out var shown))
            {
                if (!JsonBody.AreSame(member.Value, shown))
                {
                    Refuse<string>(member.Name, $"is read-only and is {ShownOf(shown)}; leave it out, or give it as it is shown");
                }
            }
            else if (!IsPatch || member.Value.ValueKind != JsonValueKind.Null)
            {
                errors[prefix + member.Name] = [$"is not known; {(_members is [] ? "expected none" : $"expected {(_members.Count == 1 ? "" : "one of ")}{string.Join(", ", _members.Select(static known => known.Name))}")}"];
            }
        }
    }

    /// <summary>A text that is not blank; null when it is not given.</summary>
    public string? Text(string name, int maxLength, string text, string? whenMissing = null) =>
        Text(new RequestMember(name, "string", text) { MaxLength = maxLength, Pattern = Patterns.NotBlank, WhenMissing = whenMissing });

    /// <inheritdoc cref="Text(string, int, string, string?)"/>
    public string? Text(RequestMember member) => Raw(member) switch
    {
        null => null,
        var value when string.IsNullOrWhiteSpace(value) => Refuse<string>(member.Name, "must not be blank"),
        var value when value.Length > member.MaxLength => Refuse<string>(member.Name, $"must have at most {member.MaxLength} characters, has {value.Length}"),
        var value => value,
    };

    /// <summary>A text that the caller judges.</summary>
    public string? Raw(RequestMember member) => Find(member) is { } value ? Decode(member.Name, value) : null;

    public T? OneOf<T>(string name, EnumNames<T> names, string text, string? whenMissing = null)
        where T : struct, Enum
    {
        if (Raw(new RequestMember(name, "string", text) { Enum = typeof(T), WhenMissing = whenMissing }) is not { } value)
        {
            return null;
        }

        return names.Find(value) ?? Refuse<T?>(name, names.Fault(value));
    }

    public bool? Flag(string name, string text) => Find(new RequestMember(name, "boolean", text)) switch
    {
        null => null,
        { ValueKind: JsonValueKind.True } => true,
        { ValueKind: JsonValueKind.False } => false,
        { ValueKind: JsonValueKind.String } value when IsText && bool.TryParse(value.GetString(), out var flag) => flag,
        _ => Refuse<bool?>(name, "must be true or false"),
    };

    public int? Whole(string name, int min, int max, string text, int? byDefault = null) =>
        Find(new RequestMember(name, "integer", text) { Format = "int32", Min = min, Max = max, Default = byDefault }) is not { } value ? byDefault
        : IsNumber(value) && int.TryParse(TextOf(value), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max ? number
        : Refuse<int?>(name, $"must be a whole number from {min} to {max}; it is {ShownOf(value)}");

    /// <summary>A number that must be given; 0, and a fault, for none.</summary>
    public double Number(string name, double min, double max, string text)
    {
        var wanted = $"a number from {min} to {max}";
        return Find(new RequestMember(name, "number", text) { Format = "double", Min = min, Max = max, WhenMissing = $"is required, {wanted}" }) is not { } value ? 0
            : IsNumber(value) && double.TryParse(TextOf(value), CultureInfo.InvariantCulture, out var number) && number >= min && number <= max ? number
            : Refuse<double>(name, $"must be {wanted}; it is {ShownOf(value)}");
    }

    public TimeSpan? Duration(string name, (string Least, string Most) bounds, string text)
    {
        var member = new RequestMember(name, "string", text) { Pattern = Patterns.Duration };
        return Find(member) is { } value ? Duration(name, value, bounds) : null;
    }

    public IReadOnlyList<TimeSpan>? Durations(string name, int most, (string Least, string Most) bounds, string text)
    {
        var member = new RequestMember(name, "array", text) { MaxItems = most, Entry = new RequestMember("", "string", "") { Pattern = Patterns.Duration } };
        return Find(member) is not { } value ? null
            : value.ValueKind == JsonValueKind.Array && value.GetArrayLength() <= most
                ? [.. value.EnumerateArray().Select((entry, index) => Duration($"{name}[{index}]", entry, bounds) ?? default)]
                : Refuse<IReadOnlyList<TimeSpan>>(name, $"must be an array of at most {most} durations, such as [\"1m\",\"5m\"]");
    }

    /// <summary>Texts that the caller judges; null for an entry of another type. Of a list that is too long only its length is right.</summary>
    public IReadOnlyList<string?>? Texts(string name, int most, int maxLength, string text, string pattern = Patterns.NotBlank)
    {
        var entry = new RequestMember("", "string", "") { Pattern = pattern, MaxLength = maxLength };
        return Find(new RequestMember(name, "array", text) { MaxItems = most, Entry = entry }) is not { } list ? null
            : list.ValueKind != JsonValueKind.Array ? Refuse<IReadOnlyList<string?>>(name, "must be an array of strings")
            : list.GetArrayLength() > most ? new string?[list.GetArrayLength()]
            : [.. list.EnumerateArray().Select((value, index) => Decode($"{name}[{index}]", value))];
    }

    /// <summary>An object whose members are named behind its name.</summary>
    public T? Object<T>(string name, string text, RequestShape shape, Func<RequestReader, T?> read, string wanted = "must be an object", string? whenMissing = null)
        where T : class
    {
        var there = IsPatch && Shown.ValueKind == JsonValueKind.Object && Shown.TryGetProperty(name, out var shown) ? shown : default;
        return Find(new RequestMember(name, "object", text) { Shape = shape, WhenMissing = whenMissing }) switch
        {
            null => null,
            { ValueKind: JsonValueKind.Object } value => Read(new RequestReader(value, errors, $"{prefix}{name}.") { IsText = IsText, IsPatch = IsPatch, Shown = there }),
            _ => Refuse<T>(name, wanted),
        };

        T? Read(RequestReader members)
        {
            var result = read(members);
            members.RefuseTheRest();
            return result;
        }
    }

    /// <summary>A member that the caller judges; null when it is not given or null.</summary>
    public JsonElement? Find(RequestMember member)
    {
        _members.Add(member);
        var value = Given(member.Name);
        if (value is null && member.WhenMissing is { } fault)
        {
            Refuse<string>(member.Name, fault);
        }

        return value;
    }

    public bool Has(string name) => Given(name) is not null;

    /// <summary>True when the request itself has the member, and not only the resource that it changes.</summary>
    public bool IsGiven(string name) => source.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null;

    /// <summary>True when a merge patch takes the member away.</summary>
    public bool Removes(string name) => IsPatch && source.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Null;

    public T? Refuse<T>(string name, string fault, T? result = default)
    {
        errors.TryAdd(prefix + name, [fault]);
        return result;
    }

    /// <summary>The text of a member; null, and a fault, for another type.</summary>
    public string? Decode(string name, JsonElement value) =>
        value.ValueKind != JsonValueKind.String ? Refuse<string>(name, "must be a string") : JsonBody.Decode(value) ?? Refuse<string>(name, JsonBody.HalfPair);

    private JsonElement? Given(string name)
    {
        if (!source.TryGetProperty(name, out var value) && IsPatch && Shown.ValueKind == JsonValueKind.Object)
        {
            Shown.TryGetProperty(name, out value);
        }

        return value.ValueKind is JsonValueKind.Null or JsonValueKind.Undefined ? null : value;
    }

    private bool IsNumber(JsonElement value) => value.ValueKind == JsonValueKind.Number || (IsText && value.ValueKind == JsonValueKind.String);

    private static string TextOf(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();

    private TimeSpan? Duration(string name, JsonElement value, (string Least, string Most) bounds)
    {
        var text = value.ValueKind == JsonValueKind.String ? JsonBody.Decode(value) : null;
        return ServiceDefaults.Settings.Duration.TryParse(text, out var duration) && duration >= Parse(bounds.Least) && duration <= Parse(bounds.Most)
            ? duration
            : Refuse<TimeSpan?>(name, $"must be a duration such as 3s, 500ms or 1m30s, from {bounds.Least} to {bounds.Most}; it is {ShownOf(value)}");
    }

    private static TimeSpan Parse(string text) => ServiceDefaults.Settings.Duration.TryParse(text, out var value) ? value : throw new FormatException($"'{text}' is no duration");

    private static string ShownOf(JsonElement value) => value.GetRawText() is { Length: > 100 } text ? text[..100] + "..." : value.GetRawText();
}
