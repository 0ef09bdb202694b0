using System.Security.Cryptography;
using System.Text;
using ServiceDefaults.Settings;

namespace ExternalAlerts;

/// <summary>The key of the routes that show what was received and set faults: any text of 16 characters and more; null for none.</summary>
internal sealed record ControlKey(byte[]? Digest)
{
    private const string Setting = "ALERTS_KEY";
    private const string Bearer = "Bearer ";
    private const int MinLength = 16;

    public static ControlKey Read(SettingsReader settings)
    {
        if (settings.Text(Setting) is not { Length: > 0 } text)
        {
            return new(Digest: null);
        }

        if (text.Length < MinLength)
        {
            settings.Refuse(Setting, "(hidden)", $"expected at least {MinLength} characters, which nobody can guess");
        }

        return new(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
    }

    /// <summary>True for a request with <c>Authorization: Bearer</c> and the key, and for every one where there is no key.</summary>
    public bool Admits(HttpRequest request) =>
        Digest is null
        || (request.Headers.Authorization is [{ } given] && given.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase)
            && CryptographicOperations.FixedTimeEquals(Digest, SHA256.HashData(Encoding.UTF8.GetBytes(given[Bearer.Length..].Trim()))));
}

internal static class ControlRoutes
{
    /// <summary>A group for those who hold the key. Null where there is none, and the routes are there in Development alone.</summary>
    public static RouteGroupBuilder? MapControl(this IEndpointRouteBuilder routes)
    {
        var services = routes.ServiceProvider;
        var key = services.GetRequiredService<ControlKey>();
        if (key.Digest is null && !services.GetRequiredService<IHostEnvironment>().IsDevelopment())
        {
            return null;
        }

        var control = routes.MapGroup("");
        control.AddEndpointFilter(async (context, next) =>
        {
            if (key.Admits(context.HttpContext.Request))
            {
                return await next(context);
            }

            context.HttpContext.Response.Headers.WWWAuthenticate = "Bearer";
            return TypedResults.Problem("Send ALERTS_KEY as Authorization: Bearer.", statusCode: StatusCodes.Status401Unauthorized, title: "The key is required.");
        });
        return control;
    }
}
