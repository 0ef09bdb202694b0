using Microsoft.Extensions.Configuration;
using Middleware.Endpoints;
using ServiceDefaults.Settings;
using Tests.ServiceDefaults;

namespace Tests.Middleware.Endpoints;

public sealed class SecretsFolderTests : InAFolder
{
    public SecretsFolderTests()
    {
        foreach (var name in (string[])["secrets", "secrets-other"])
        {
            Directory.CreateDirectory(At(name));
            File.WriteAllText(At($"{name}/pager"), $"{name}\n");
        }
    }

    [Theory]
    [InlineData("pager")]
    [InlineData("./pager")]
    [InlineData("nothing/../pager")]
    public void A_file_of_the_folder_is_read_without_the_line_break_at_its_end(string name) =>
        Assert.Equal(("secrets", null), Secrets().ReadText(Reference($"secrets/{name}")));

    [Fact]
    public void Links_within_the_folder_are_followed_as_Kubernetes_mounts_them()
    {
        Directory.CreateDirectory(At("secrets/..2026_03_01"));
        File.WriteAllText(At("secrets/..2026_03_01/token"), "first");
        Directory.CreateSymbolicLink(At("secrets/..data"), "..2026_03_01");
        File.CreateSymbolicLink(At("secrets/token"), "..data/token");
        Assert.Equal(("first", null), Secrets().ReadText(Reference("secrets/token")));

        Directory.CreateDirectory(At("secrets/..2026_03_02"));
        File.WriteAllText(At("secrets/..2026_03_02/token"), "second");
        Directory.Delete(At("secrets/..data"));
        Directory.CreateSymbolicLink(At("secrets/..data"), At("secrets/..2026_03_02"));
        Assert.Equal(("second", null), Secrets().ReadText(Reference("secrets/token")));
    }

    [Fact]
    public void The_folder_itself_may_be_a_link()
    {
        Directory.CreateSymbolicLink(At("run"), "secrets");

        Assert.Equal(("secrets", null), new SecretsFolder(At("run")).ReadText(Reference("run/pager")));
    }

    [Theory]
    [InlineData("secrets-other/pager")]
    [InlineData("secrets/../secrets-other/pager")]
    [InlineData("secrets/file-out")]
    [InlineData("secrets/folder-out/pager")]
    [InlineData("secrets/circle")]
    [InlineData("secrets")]
    public void A_file_outside_is_refused_however_it_is_reached(string path)
    {
        File.CreateSymbolicLink(At("secrets/file-out"), "../secrets-other/pager");
        Directory.CreateSymbolicLink(At("secrets/folder-out"), At("secrets-other"));
        File.CreateSymbolicLink(At("secrets/circle"), "circle");
        var folder = Secrets();

        var fault = $"expected a file in {At("secrets")} (SECRETS_DIR), also behind links";
        Assert.Equal((fault, (null, fault)), (folder.FaultIn(Reference(path)), folder.ReadText(Reference(path))));
    }

    [Theory]
    [InlineData("pager")]
    [InlineData("file:pager")]
    [InlineData("file:../pager")]
    [InlineData("https://vault.example/pager")]
    [InlineData("FILE:/run/secrets/pager")]
    public void Another_reference_is_refused(string reference) =>
        Assert.Equal($"expected file: and an absolute path, such as file:{At("secrets/pager")}", Secrets().FaultIn(reference));

    [Fact]
    public void A_file_may_come_later()
    {
        var later = Reference("secrets/later");
        Assert.Null(Secrets().FaultIn(later));
        Assert.StartsWith("expected a file that can be read (", Secrets().ReadText(later).Fault, StringComparison.Ordinal);

        File.WriteAllText(At("secrets/later"), "came");
        Assert.Equal("came", Secrets().ReadText(later).Text);
    }

    [Fact]
    public async Task A_file_without_text_is_refused_and_a_pipe_not_opened()
    {
        await File.WriteAllTextAsync(At("secrets/empty"), "\n", Waiting.Cancellation);
        await SettingFilesTests.MakePipe(At("secrets/pipe"));
        var folder = Secrets();

        foreach (var name in (string[])["empty", "pipe"])
        {
            Assert.Equal((null, SettingFilesTests.NoText), await Task.Run(() => folder.ReadText(Reference($"secrets/{name}")), Waiting.Cancellation).InTime());
        }
    }

    [Fact]
    public void Without_the_setting_every_reference_is_refused() => Assert.Equal(
        "expected the text itself, or the setting SECRETS_DIR with the folder of the file", new SecretsFolder((string?)null).FaultIn(Reference("secrets/pager")));

    [Theory]
    [InlineData("secrets")]
    [InlineData("/no/such/folder")]
    public void The_setting_is_a_folder_that_is_there(string path)
    {
        var settings = new SettingsReader(new ConfigurationBuilder().AddInMemoryCollection([KeyValuePair.Create("SECRETS_DIR", (string?)path)]).Build());

        SecretsFolder.Read(settings);

        Assert.Equal(
            $"SECRETS_DIR: \"{path}\" is not accepted; expected the absolute path of a folder that is there, such as /run/secrets, or nothing for no references.",
            Assert.Single(settings.Failures));
    }

    private SecretsFolder Secrets() => new(At("secrets"));

    private string At(string path) => Path.Combine(Folder.Path, path);

    private string Reference(string path) => $"file:{At(path)}";
}
