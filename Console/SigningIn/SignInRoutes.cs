using System.Security.Claims;
using AspireIntegration.Client;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.AspNetCore.Mvc;

namespace AspireIntegration.Console.SigningIn;

/// <summary>The routes behind the sign-in page: they take an API key, send to the provider of OpenID Connect, and sign out.</summary>
internal static class SignInRoutes
{
    public const string Path = "/sign-in";
    public const string SignedInPath = "/signed-in";
    public const string ReturnUrl = "return";

    public static void MapSigningIn(this IEndpointRouteBuilder routes)
    {
        // A form without its token is judged here: by itself the framework makes a defect of it.
        routes.MapPost("/sign-in/key", WithKey).AllowAnonymous().DisableAntiforgery().AddEndpointFilter(RefuseForged);
        routes.MapGet("/sign-in/provider", WithProvider).AllowAnonymous();
        routes.MapPost("/sign-out/now", SignOut).AllowAnonymous().AddEndpointFilter(RefuseForged);
    }

    /// <summary>
    /// A path of this service as it is; its first page for anything else, which would lead away, fit into no header, or lead back to signing in and out.
    /// </summary>
    public static string Local(string? url) =>
        url is ['/', .. var rest] && !rest.StartsWith('/') && !rest.Contains('\\') && url.All(static letter => letter is > ' ' and <= '~')
            && !rest.StartsWith("sign", StringComparison.OrdinalIgnoreCase) ? url : "/";

    /// <summary>The sign-in page, which leads back to a path.</summary>
    public static string PageFor(string url, string? fault = null) =>
        $"{Path}?{ReturnUrl}={Uri.EscapeDataString(Local(url))}{(fault is null ? "" : $"&fault={fault}")}";

    private static async ValueTask<object?> RefuseForged(EndpointFilterInvocationContext invocation, EndpointFilterDelegate next) =>
        await invocation.HttpContext.RequestServices.GetRequiredService<IAntiforgery>().IsRequestValidAsync(invocation.HttpContext)
            ? await next(invocation)
            : Results.Problem(statusCode: StatusCodes.Status400BadRequest, title: "The form has no token of this console.", detail: "Load the page again and send it once more.");

    private static async Task<IResult> WithKey(
        [FromForm] string? key, [FromForm(Name = ReturnUrl)] string? returnUrl, HttpContext context, IHttpClientFactory clients, IAuthenticationSchemeProvider schemes, CancellationToken cancellationToken)
    {
        if (await schemes.GetSchemeAsync(CookieAuthenticationDefaults.AuthenticationScheme) is null)
        {
            return Results.LocalRedirect("/");
        }

        if (string.IsNullOrWhiteSpace(key))
        {
            return Results.LocalRedirect(PageFor(returnUrl ?? "/", "empty"));
        }

        if (key.Trim().AsSpan().ContainsAnyExceptInRange('!', '~'))
        {
            return Results.LocalRedirect(PageFor(returnUrl ?? "/", "refused"));
        }

        var identity = new ClaimsIdentity(CookieAuthenticationDefaults.AuthenticationScheme);
        try
        {
            var caller = await new AspireIntegrationClient(clients.CreateClient(ConsoleRegistration.HttpName), key.Trim()).Me.GetAsync(cancellationToken);
            identity.AddClaim(new Claim(ClaimTypes.Name, caller.Name));
        }
        catch (AspireIntegrationException refusal)
        {
            return Results.LocalRedirect(PageFor(returnUrl ?? "/", refusal.StatusCode == System.Net.HttpStatusCode.Unauthorized ? "refused" : "unavailable"));
        }
        catch (Exception fault) when (fault is HttpRequestException || (fault is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return Results.LocalRedirect(PageFor(returnUrl ?? "/", "unavailable"));
        }

        identity.AddClaim(new Claim(Credential.Claim, key.Trim()));
        identity.AddClaim(EndedSessions.NewSession());
        await context.SignInAsync(CookieAuthenticationDefaults.AuthenticationScheme, new ClaimsPrincipal(identity));
        return Results.LocalRedirect(Local(returnUrl));
    }

    private static async Task<IResult> WithProvider([FromQuery(Name = ReturnUrl)] string? returnUrl, HttpContext context, IAuthenticationSchemeProvider schemes)
    {
        if (await schemes.GetSchemeAsync(OpenIdConnectDefaults.AuthenticationScheme) is null)
        {
            return Results.LocalRedirect(PageFor(returnUrl ?? "/"));
        }

        // Browsers send no strict cookie on the way back from the provider: a page of ours goes on from there.
        var path = Local(returnUrl);
        var properties = new AuthenticationProperties { RedirectUri = $"{SignedInPath}?{ReturnUrl}={Uri.EscapeDataString(path)}", Items = { [ReturnUrl] = path } };
        try
        {
            await context.ChallengeAsync(OpenIdConnectDefaults.AuthenticationScheme, properties);
            return Results.Empty;
        }
        catch (InvalidOperationException fault) when (fault.InnerException is not null)
        {
            // The document of the provider could not be fetched.
            return Results.LocalRedirect(PageFor(path, "provider"));
        }
    }

    private static async Task<IResult> SignOut(HttpContext context, IAuthenticationSchemeProvider schemes, EndedSessions ended)
    {
        if (await schemes.GetSchemeAsync(CookieAuthenticationDefaults.AuthenticationScheme) is not null)
        {
            var session = await context.AuthenticateAsync(CookieAuthenticationDefaults.AuthenticationScheme);
            await context.SignOutAsync(CookieAuthenticationDefaults.AuthenticationScheme);
            ended.End(context.User, session.Properties?.ExpiresUtc ?? DateTimeOffset.MaxValue);
        }

        return Results.LocalRedirect(Path);
    }
}
