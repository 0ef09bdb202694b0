using Aspire.Hosting.Publishing;
using Middleware.Callers;

namespace AppHost;

/// <summary>A key for the parameter <c>admin-key</c> when it has no value.</summary>
internal sealed class AdminKey : ParameterDefault
{
    public override string GetDefaultValue() => KeyText.Generate();

    // A manifest has no word for a text with a checksum: a deployment asks for the key.
    public override void WriteToManifest(ManifestPublishingContext context)
    {
    }
}
