using System.Security.Claims;
using AspireIntegration.Console.SigningIn;

namespace Tests.Console.SigningIn;

public sealed class EndedSessionsTests
{
    [Fact]
    public void A_session_that_has_ended_is_known_as_long_as_its_cookie_would_live()
    {
        var clock = new TestClock();
        var sessions = new EndedSessions(clock);
        var (ofADay, other) = (NewPerson(), NewPerson());

        sessions.End(ofADay, clock.GetUtcNow().AddDays(1));
        clock.Advance(TimeSpan.FromHours(23));
        sessions.End(other, clock.GetUtcNow().AddHours(12));
        Assert.True(sessions.Has(ofADay));

        clock.Advance(TimeSpan.FromHours(2));
        sessions.End(NewPerson(), clock.GetUtcNow().AddHours(12));
        Assert.Equal((false, true), (sessions.Has(ofADay), sessions.Has(other)));
    }

    private static ClaimsPrincipal NewPerson() => new(new ClaimsIdentity([EndedSessions.NewSession()]));
}
