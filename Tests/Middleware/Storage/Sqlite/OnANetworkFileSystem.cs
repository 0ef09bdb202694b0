using Middleware.Storage.Sqlite;
using ServiceDefaults;

namespace Tests.Middleware.Storage.Sqlite;

public sealed class OnANetworkFileSystem
{
    [Theory]
    [InlineData("nfs")]
    [InlineData("smb2")]
    [InlineData("cifs")]
    public void A_store_there_is_refused(string format)
    {
        using var folder = new TemporaryDirectory();

        var refusal = Assert.Throws<StartRefusedException>(() => StoreFile.Open(folder.Path, _ => format));

        Assert.Equal(
            $"DATA_DIR: \"{folder.Path}\" is on a network file system ({format}), on which SQLite may damage the store. Give a folder on a disk of this machine, or use PostgreSQL.",
            refusal.Message);
        Assert.Empty(Directory.GetFiles(folder.Path));
    }

    [Theory]
    [InlineData("nfs", true)]
    [InlineData("CIFS", true)]
    [InlineData("ext4", false)]
    [InlineData("overlayfs", false)]
    [InlineData("9p", false)]
    [InlineData("fuse", false)]
    public void A_file_system_is_known_by_its_format(string format, bool isNetwork) => Assert.Equal(isNetwork, NetworkFolder.IsNetwork(format));

    [Fact]
    public void A_folder_of_this_machine_is_none()
    {
        using var folder = new TemporaryDirectory();

        Assert.Null(NetworkFolder.FormatOf(folder.Path));
        Assert.Null(NetworkFolder.FormatOf(Path.Combine(folder.Path, "missing")));
    }
}
