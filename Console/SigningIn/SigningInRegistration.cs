using System.Globalization;
using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using ServiceDefaults.Settings;

namespace AspireIntegration.Console.SigningIn;

/// <summary>Registers how people sign in: not at all in Development, else by an API key or by OpenID Connect, kept in a cookie.</summary>
internal static class SigningInRegistration
{
    public static void AddSigningIn(this IServiceCollection services, IHostEnvironment environment, SettingsReader settings)
    {
        services.AddCascadingAuthenticationState();
        services.AddAuthorization();
        services.AddSingleton<EndedSessions>();
        if (environment.IsDevelopment())
        {
            services.AddAuthentication(DevelopmentSignIn.Name).AddScheme<AuthenticationSchemeOptions, DevelopmentSignIn>(DevelopmentSignIn.Name, null);
            return;
        }

        var authentication = services.AddAuthentication(CookieAuthenticationDefaults.AuthenticationScheme).AddCookie(static cookie =>
        {
            cookie.Cookie.Name = "console";
            cookie.Cookie.HttpOnly = true;
            cookie.Cookie.SameSite = SameSiteMode.Strict;
            cookie.LoginPath = SignInRoutes.Path;
            cookie.ReturnUrlParameter = SignInRoutes.ReturnUrl;
            cookie.ExpireTimeSpan = TimeSpan.FromHours(12);
            cookie.SlidingExpiration = false;
            cookie.Events.OnValidatePrincipal = static context =>
            {
                if (context.HttpContext.RequestServices.GetRequiredService<EndedSessions>().Has(context.Principal!))
                {
                    context.RejectPrincipal();
                }

                return Task.CompletedTask;
            };
        });

        // Its faults are named at the start, with those of all settings.
        if (ConsoleSettings.Oidc.Read(settings) is { } provider)
        {
            authentication.AddOpenIdConnect(options => Configure(options, provider));
        }
    }

    private static void Configure(OpenIdConnectOptions options, ConsoleSettings.Oidc provider)
    {
        options.Authority = provider.Authority.AbsoluteUri;
        options.RequireHttpsMetadata = provider.Authority.Scheme == Uri.UriSchemeHttps;
        options.ClientId = provider.ClientId;
        options.ClientSecret = provider.ClientSecret;
        options.ResponseType = OpenIdConnectResponseType.Code;
        options.UsePkce = true;
        options.MapInboundClaims = false;
        foreach (var scope in provider.Scopes)
        {
            options.Scope.Add(scope);
        }

        // The provider leads back by a link: browsers send Lax cookies with it, and none with a form of another site.
        options.ResponseMode = OpenIdConnectResponseMode.Query;
        foreach (var cookie in (CookieBuilder[])[options.CorrelationCookie, options.NonceCookie])
        {
            cookie.SameSite = SameSiteMode.Lax;
            cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        }

        options.Events.OnTokenValidated = static context => KeepToken(context);
        options.Events.OnRemoteFailure = static context =>
        {
            // The handler has logged the cause. A person who says no to the provider is no fault of the console.
            context.Response.Redirect(SignInRoutes.PageFor(ReturnOf(context.Properties), "provider"));
            context.HandleResponse();
            return Task.CompletedTask;
        };
    }

    private static string ReturnOf(AuthenticationProperties? properties) => properties?.Items.TryGetValue(SignInRoutes.ReturnUrl, out var path) == true ? path ?? "/" : "/";

    /// <summary>Keeps the access token, which the middleware judges. The cookie lives as long as it does.</summary>
    private static Task KeepToken(TokenValidatedContext context)
    {
        if (context.TokenEndpointResponse is not { AccessToken: { Length: > 0 } token } answer)
        {
            // Thrown, and not given as a result: that would lose the way back.
            throw new AuthenticationFailureException("The provider gave no access token.");
        }

        var identity = (ClaimsIdentity)context.Principal!.Identity!;
        context.Principal = new ClaimsPrincipal(new ClaimsIdentity([new Claim(Credential.Claim, token), EndedSessions.NewSession()], identity.AuthenticationType));
        if (int.TryParse(answer.ExpiresIn, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
        {
            context.Properties!.ExpiresUtc = context.HttpContext.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow().AddSeconds(seconds);
        }

        return Task.CompletedTask;
    }
}
