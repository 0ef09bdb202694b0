using Microsoft.AspNetCore.Components.Authorization;

namespace AspireIntegration.Console.SigningIn;

/// <summary>The API key or the token of the person who looks at a page. The cookie keeps it, encrypted; no page has it.</summary>
internal sealed class Credential(AuthenticationStateProvider signedIn)
{
    /// <summary>The type of the claim that has it.</summary>
    public const string Claim = "credential";

    public async ValueTask<string?> ReadAsync(CancellationToken cancellationToken) => (await signedIn.GetAuthenticationStateAsync()).User.FindFirst(Claim)?.Value;
}
