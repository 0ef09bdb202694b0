using Middleware.Endpoints;
using Middleware.Events;
using Middleware.Storage;

namespace Tests.Middleware.Storage;

public class EndpointDocumentTests
{
    [Fact]
    public void Values_that_are_kept_bear_the_names_that_older_files_have()
    {
        var endpoint = Made.Endpoint() with
        {
            Origin = EndpointOrigin.BuiltIn,
            Disabled = DisabledReason.Gone,
            Format = DeliveryFormat.CloudEvents,
            Queue = new QueueLimit(7, WhenFull.Park),
            MaxAge = TimeSpan.FromHours(6),
            Ordering = Made.Ordering(OnExhausted.Block, "tenant"),
            Layout = LaneLayout.Of(4).To(2),
        };

        var kept = EndpointDocument.Write(endpoint);

        Assert.All((string[])["\"origin\":\"BuiltIn\"", "\"disabled_reason\":\"Gone\"", "\"format\":\"CloudEvents\"", "\"when_full\":\"Park\"", "\"ordering_key\":\"tenant\"", "\"on_exhausted\":\"Block\""], part => Assert.Contains(part, kept, StringComparison.Ordinal));
        var read = EndpointDocument.Read(endpoint.Id, kept);
        Assert.Equal(
            (endpoint.Origin, endpoint.Disabled, endpoint.Format, endpoint.Queue, endpoint.MaxAge, endpoint.Ordering, endpoint.Layout),
            (read.Origin, read.Disabled, read.Format, read.Queue, read.MaxAge, read.Ordering, read.Layout));
    }

    [Fact]
    public void A_document_from_before_credentials_proxies_and_references_opens()
    {
        const string Before =
            """{"name":"pager","url":"https://pager.example/hook","is_enabled":true,"disabled_reason":null,"origin":"Api","event_types":[],"sources":[],"min_priority":null,"expression":null,"rate_per_second":null,"rate_burst":null,"workers":3,"queue_size":7,"when_full":"Park","timeout":"00:00:03","max_retries":0,"base_delay":"00:00:00","redelivery":[],"batch_size":null,"batch_wait":null,"format":"Native","fallback_id":null,"headers":["X-Team","core"],"secret":"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw","previous_secret":null,"previous_secret_expires_at":null}""";

        var read = EndpointDocument.Read(new EndpointId("ep_1"), Before);

        Assert.Equal((null, null, null, false), (read.Auth, read.Proxy, read.SecretReference, read.HasReference));
        Assert.Equal([new("X-Team", "core")], read.Headers.All);
        Assert.Equal(read, EndpointDocument.Read(read.Id, EndpointDocument.Write(read)));
    }

    [Fact]
    public void Credentials_and_references_are_kept_whole()
    {
        Assert.True(DeliveryHeaders.TryParse([KeyValuePair.Create("X-Team", (string?)"core")], [KeyValuePair.Create("X-Key", "file:/run/secrets/key")], out var headers, out _));
        foreach (var auth in (EndpointAuth[])
        [
            new() { Kind = AuthKind.Bearer, Token = new SecretValue("t") },
            new() { Kind = AuthKind.Basic, Username = "u", Password = new SecretValue(null, "file:/run/secrets/password") },
            new() { Kind = AuthKind.OAuth2, TokenUrl = "https://login.example/%41?a=b", ClientId = "c", ClientSecret = new SecretValue("s"), Scope = "a b", Audience = "d" },
            new() { Kind = AuthKind.Mtls, Certificate = new SecretValue("c"), Key = new SecretValue(null, "file:/run/secrets/key") },
        ])
        {
            var endpoint = Made.Endpoint() with { Auth = auth, Headers = headers, Proxy = OutboundProxy.Direct, SecretReference = "file:/run/secrets/pager" };

            var read = EndpointDocument.Read(endpoint.Id, EndpointDocument.Write(endpoint));

            Assert.Equal((auth, headers, OutboundProxy.Direct, endpoint.SecretReference), (read.Auth, read.Headers, read.Proxy, read.SecretReference));
        }
    }
}
