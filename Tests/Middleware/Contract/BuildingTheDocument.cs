using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Middleware.Api.OpenApi;

namespace Tests.Middleware.Contract;

public class BuildingTheDocument
{
    [Fact]
    public async Task It_is_built_once_and_a_build_that_failed_is_made_again()
    {
        var provider = new FailingProvider { Fails = true };
        var document = new BuiltDocument(provider);

        await Assert.ThrowsAsync<IOException>(document.AnswerAsync);
        provider.Fails = false;
        var first = await document.AnswerAsync();
        var second = await document.AnswerAsync();

        Assert.Equal(first.EntityTag, second.EntityTag);
        Assert.Equal(2, provider.Builds);
    }

    private sealed class FailingProvider : IOpenApiDocumentProvider
    {
        public bool Fails { get; set; }

        public int Builds { get; private set; }

        public Task<OpenApiDocument> GetOpenApiDocumentAsync(CancellationToken cancellationToken)
        {
            Builds++;
            return Fails
                ? Task.FromException<OpenApiDocument>(new IOException("An assembly could not be opened."))
                : Task.FromResult(new OpenApiDocument { Info = new OpenApiInfo { Title = "made", Version = "1" } });
        }
    }
}
