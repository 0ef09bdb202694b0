using Middleware.Endpoints;
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
        };

        var kept = EndpointDocument.Write(endpoint);

        Assert.All((string[])["\"origin\":\"BuiltIn\"", "\"disabled_reason\":\"Gone\"", "\"format\":\"CloudEvents\"", "\"when_full\":\"Park\""], part => Assert.Contains(part, kept, StringComparison.Ordinal));
        var read = EndpointDocument.Read(endpoint.Id, kept);
        Assert.Equal((endpoint.Origin, endpoint.Disabled, endpoint.Format, endpoint.Queue), (read.Origin, read.Disabled, read.Format, read.Queue));
    }
}
