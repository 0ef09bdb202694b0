using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using ServiceDefaults;

namespace AspireIntegration.Console.SigningIn;

/// <summary>Keeps the keys of cookies in <c>DATA_DIR</c>, so that they are good after a restart.</summary>
internal sealed class KeepKeys(ConsoleSettings settings) : IConfigureOptions<KeyManagementOptions>
{
    public void Configure(KeyManagementOptions options) =>
        options.XmlRepository = new FileSystemXmlRepository(Directory.CreateDirectory(Path.Combine(settings.DataDir, "console-keys")), NullLoggerFactory.Instance);

    /// <summary>Makes the first key, where there is none. Otherwise a folder that cannot be written would be found at the first sign-in.</summary>
    public static void Check(IServiceProvider services)
    {
        try
        {
            services.GetRequiredService<IDataProtectionProvider>().CreateProtector("start").Protect([]);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException || fault.InnerException is IOException or UnauthorizedAccessException)
        {
            throw new StartRefusedException($"{ConsoleSettings.DataDirName}: the keys of cookies cannot be kept ({(fault.InnerException ?? fault).Message.TrimEnd('.')}).", fault);
        }
    }
}
