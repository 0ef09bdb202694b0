using System.Collections.Frozen;
using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Primitives;

namespace Middleware.Accepting;

/// <summary>The form of an answer to accepted events; its body is the same in all of them.</summary>
internal sealed record AcceptForm(int Status, bool TellsLocation)
{
    /// <summary>Version 1, for one event and for many.</summary>
    public static readonly AcceptForm One = new(StatusCodes.Status200OK, TellsLocation: false);

    /// <summary>Version 2, for one event.</summary>
    public static readonly AcceptForm Two = new(StatusCodes.Status202Accepted, TellsLocation: true);

    /// <summary>Version 2, for many events, which have no location in common.</summary>
    public static readonly AcceptForm TwoOfMany = new(StatusCodes.Status202Accepted, TellsLocation: false);
}

/// <summary>The time of a deprecation or of an end, and the page that explains it.</summary>
internal sealed record VersionNotice(DateTimeOffset At, string Link);

/// <summary>A version of accepting events.</summary>
/// <param name="Name">As in <c>1.0</c>; a request may leave out the <c>.0</c>.</param>
/// <param name="Single">The answer to an event.</param>
/// <param name="Batch">The answer to a batch.</param>
/// <param name="Deprecation">RFC 9745; null for none.</param>
/// <param name="Sunset">RFC 8594; null for none.</param>
internal sealed record AcceptVersion(string Name, AcceptForm Single, AcceptForm Batch, VersionNotice? Deprecation = null, VersionNotice? Sunset = null)
{
    /// <summary>The version that never changes.</summary>
    public static readonly AcceptVersion One = new("1.0", AcceptForm.One, AcceptForm.One);

    public static readonly AcceptVersion Two = new("2.0", AcceptForm.Two, AcceptForm.TwoOfMany);
}

/// <summary>
/// The versions of accepting events. A request names one in <see cref="Header"/> or before the path, as <c>/v2</c>; else it is the first.
/// </summary>
internal sealed class AcceptVersions(params AcceptVersion[] all)
{
    public const string Header = "api-version";

    private readonly string _supported = string.Join(", ", all.Select(static version => version.Name));

    private readonly FrozenDictionary<string, AcceptVersion> _byName =
        all.SelectMany(static version => new[] { (version.Name, version), (version.Name.Split('.')[0], version) }).ToFrozenDictionary(static pair => pair.Item1, static pair => pair.version);

    /// <summary>
    /// Chooses the version of a request and reports on it in the answer's headers. Null, with a refusal, when the request names none, or two.
    /// </summary>
    public AcceptVersion? Choose(HttpContext context, string? inPath, out ValidationProblem? refusal)
    {
        var given = context.Request.Headers[Header];
        var version = given.Count == 0 && inPath is null ? all[0] : _byName.GetValueOrDefault(inPath ?? given[0] ?? "");
        foreach (var name in given)
        {
            version = _byName.GetValueOrDefault(name ?? "") == version ? version : null;
        }

        context.Response.Headers["api-supported-versions"] = _supported;
        Report(version, context.Response.Headers);
        refusal = version is null ? Refuse([.. inPath is null ? [] : (string[])[inPath], .. given]) : null;
        return version;
    }

    private static void Report(AcceptVersion? version, IHeaderDictionary headers)
    {
        if (version?.Deprecation is { } deprecation)
        {
            headers["Deprecation"] = string.Create(CultureInfo.InvariantCulture, $"@{deprecation.At.ToUnixTimeSeconds()}");
            headers.Link = StringValues.Concat(headers.Link, $"<{deprecation.Link}>; rel=\"deprecation\"");
        }

        if (version?.Sunset is { } sunset)
        {
            headers["Sunset"] = sunset.At.ToString("R", CultureInfo.InvariantCulture);
            headers.Link = StringValues.Concat(headers.Link, $"<{sunset.Link}>; rel=\"sunset\"");
        }
    }

    private static ValidationProblem Refuse(IEnumerable<string?> named) => TypedResults.ValidationProblem(
        new Dictionary<string, string[]>
        {
            [Header] =
            [
                $"\"{string.Join("\" and \"", named)}\" is not a version; expected 1.0 or 2.0, once: in the header {Header}, or before the path as in "
                + $"/v2{AcceptRoutes.Path}. Without it is version 1.0",
            ],
        },
        title: "The version is not supported.");
}
