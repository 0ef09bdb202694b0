using System.Text.Json;
using Middleware.Events;
using Middleware.Http;

namespace Middleware.Endpoints;

/// <summary>Reads secrets that may be references: <c>{"secret_ref":"file:/run/secrets/pager"}</c>.</summary>
internal static class SecretBody
{
    /// <summary>A reference in the place of a text.</summary>
    public static readonly RequestShape Reference = new(
        "SecretReference", "The file with a secret, within `SECRETS_DIR`. It is read when the secret is used.", static (_, given) =>
            given.Raw(new RequestMember(SecretValue.Member, "string", "`file:` and an absolute path, such as `file:/run/secrets/pager`.") { WhenMissing = "is required" }));

    /// <summary>Reads the reference of a value that is no text, or its fault. The fault repeats a path and no secret.</summary>
    public static (SecretValue? Secret, string? Fault) Read(JsonElement value, SecretsFolder folder)
    {
        if (value.ValueKind != JsonValueKind.Object || value.GetPropertyCount() != 1 || !value.TryGetProperty(SecretValue.Member, out var named)
            || named.ValueKind != JsonValueKind.String || JsonBody.Decode(named) is not { } reference)
        {
            return (null, $$"""must be a string, or an object such as {"{{SecretValue.Member}}":"file:/run/secrets/pager"}""");
        }

        // A text without the scheme may be the secret itself.
        var shown = reference.StartsWith(SecretsFolder.Scheme, StringComparison.Ordinal) ? reference : "(hidden)";
        return folder.FaultIn(reference) is { } fault ? (null, $"\"{shown}\" is not accepted; {fault}") : (new SecretValue(null, reference), null);
    }
}
