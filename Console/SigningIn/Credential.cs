using System.Net;
using AspireIntegration.Client;
using Microsoft.AspNetCore.Components.Authorization;

namespace AspireIntegration.Console.SigningIn;

/// <summary>The API key or the token of the person who looks at a page. The cookie keeps it, encrypted; no page has it.</summary>
internal sealed class Credential(AuthenticationStateProvider signedIn, EndedSessions ended)
{
    /// <summary>The type of the claim that has it.</summary>
    public const string Claim = "credential";

    /// <summary>Reads it. A tab that is left open does nothing more in the name of a person who has signed out.</summary>
    /// <exception cref="AspireIntegrationException">The person has signed out.</exception>
    public async ValueTask<string?> ReadAsync(CancellationToken cancellationToken)
    {
        var person = (await signedIn.GetAuthenticationStateAsync()).User;
        return ended.Has(person) ? throw new AspireIntegrationException(HttpStatusCode.Unauthorized, "You are signed out.") : person.FindFirst(Claim)?.Value;
    }
}
