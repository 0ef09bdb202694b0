using System.Globalization;
using Tests.Supply;

namespace Tests.Middleware.Storage.Postgres;

/// <summary>The programs of the newest PostgreSQL that is installed. They refuse to run as root: then they run as another user.</summary>
internal sealed class PostgresPrograms
{
    private const string Debian = "/usr/lib/postgresql";
    private static readonly string[] Needed = ["initdb", "pg_ctl", "postgres", "pg_basebackup"];
    private static readonly string[] Users = ["postgres", "nobody"];

    private readonly string _folder;
    private readonly string[] _user;

    private PostgresPrograms(string folder)
    {
        _folder = folder;
        if (Environment.IsPrivilegedProcess)
        {
            // Such as postgres:x:101:104:...
            var user = Users.SelectMany(static name => File.ReadLines("/etc/passwd").Where(line => line.StartsWith(name + ":", StringComparison.Ordinal))).First().Split(':');
            _user = ["setpriv", $"--reuid={user[0]}", $"--regid={user[3]}", "--clear-groups", "--"];
            Owner = $"{user[0]}:{user[3]}";
        }
        else
        {
            _user = [];
        }
    }

    /// <summary>User and group to which the servers' folders must belong; null when it is the user of the tests.</summary>
    public string? Owner { get; }

    /// <summary>Finds them; skips the test where there are none, except in CI.</summary>
    public static PostgresPrograms Find()
    {
        var folder = Folders().FirstOrDefault(static folder => Needed.All(name => File.Exists(Path.Combine(folder, name))));
        Assert.SkipWhen(folder is null && Environment.GetEnvironmentVariable("CI") != "true", "PostgreSQL is needed.");
        Assert.True(folder is not null, "PostgreSQL is needed: CI=true.");
        return new PostgresPrograms(folder);
    }

    /// <summary>The words that run one of them, or any other program, as the user of the servers.</summary>
    public string[] CommandOf(string program) => [.. _user, Needed.Contains(program) ? Path.Combine(_folder, program) : program];

    /// <summary>Runs one of them, or any other program, as the user of the servers. It must succeed.</summary>
    public async Task RunAsync(string workingFolder, string program, params string[] arguments)
    {
        var command = CommandOf(program);
        var (exitCode, output) = await Command.RunAsync(workingFolder, command[0], [.. command[1..], .. arguments]);
        if (exitCode != 0)
        {
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: {output}");
        }
    }

    private static IEnumerable<string> Folders()
    {
        var versions = !Directory.Exists(Debian) ? [] :
            from folder in Directory.EnumerateDirectories(Debian)
            orderby double.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var version) ? version : 0 descending
            select Path.Combine(folder, "bin");
        return OperatingSystem.IsWindows() ? [] : versions.Concat((Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator));
    }
}
