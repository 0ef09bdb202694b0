using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace AspireIntegration.Console.SigningIn;

/// <summary>Keeps the keys of cookies in <c>DATA_DIR</c>, so that they are good after a restart.</summary>
internal sealed class KeepKeys(ConsoleSettings settings) : IConfigureOptions<KeyManagementOptions>
{
    public void Configure(KeyManagementOptions options) =>
        options.XmlRepository = new FileSystemXmlRepository(Directory.CreateDirectory(Path.Combine(settings.DataDir, "console-keys")), NullLoggerFactory.Instance);
}
