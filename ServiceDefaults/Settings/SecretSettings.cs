using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace ServiceDefaults.Settings;

/// <summary>
/// Follows the files of secrets, which are exchanged while the service runs. They are read again every 5 s: a mounted secret changes behind a symbolic
/// link, and no notice of a file system comes from there.
/// </summary>
public sealed partial class SecretSettings(IConfiguration configuration, TimeProvider clock, ILogger<SecretSettings> logger) : IDisposable
{
    /// <summary>The time between two looks at the files.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private readonly List<Watch> _watches = [];
    private readonly Dictionary<string, string?> _faults = [];
    private ITimer? _timer;

    /// <summary>Follows settings that belong together. Those without a file do not change. Settings with a fault change nothing, and are logged.</summary>
    /// <param name="read">Reads them, as it did for the start.</param>
    /// <param name="changed">Takes the new value, on a thread of the pool.</param>
    /// <param name="names">The settings, without <c>_FILE</c>.</param>
    public void Follow<T>(Func<SettingsReader, T> read, Action<T> changed, params string[] names)
        where T : class
    {
        var inFiles = names.Where(name => SettingFiles.PathOf(configuration, name) is not null).ToList();
        if (inFiles.Count == 0)
        {
            return;
        }

        lock (_gate)
        {
            // A file that was not read yet would be no change when it is.
            inFiles.ForEach(name => SettingFiles.FaultOf(configuration, name));
            _watches.Add(new Watch(inFiles, Change));
            _timer ??= clock.CreateTimer(static settings => ((SecretSettings)settings!).Look(), this, Interval, Interval);
        }

        void Change()
        {
            var reader = new SettingsReader(configuration);
            var value = read(reader);
            if (reader.Failures.Count == 0)
            {
                changed(value);
            }
            else
            {
                NotTaken(string.Join(' ', reader.Failures));
            }
        }
    }

    /// <summary>Follows no file any more.</summary>
    public void Dispose() => _timer?.Dispose();

    private void Look()
    {
        // A file system that hangs must not collect threads.
        if (!_gate.TryEnter())
        {
            return;
        }

        try
        {
            // All files first: those that belong together are exchanged together.
            var changed = _watches.SelectMany(static watch => watch.Names).Distinct().Where(IsChanged).ToHashSet();
            foreach (var watch in _watches.Where(watch => watch.Names.Exists(changed.Contains)))
            {
                Take(watch);
            }
        }
        finally
        {
            _gate.Exit();
        }
    }

    private void Take(Watch watch)
    {
        try
        {
            watch.Change();
        }
        catch (Exception exception)
        {
            // On the thread of a timer it would end the process.
            Failed(exception);
        }
    }

    private bool IsChanged(string name)
    {
        var (isChanged, fault) = SettingFiles.ReadAgain(configuration, name);
        if (fault is not null && _faults.GetValueOrDefault(name) != fault)
        {
            NotRead(name + SettingFiles.Suffix, SettingFiles.PathOf(configuration, name), fault);
        }

        _faults[name] = fault;
        return isChanged;
    }

    private sealed record Watch(List<string> Names, Action Change);

    [LoggerMessage(LogLevel.Warning, "changed secret not taken: the one of before stays until the file changes again")]
    private partial void NotTaken(string error);

    [LoggerMessage(LogLevel.Warning, "file of a secret not read: its text of before stays")]
    private partial void NotRead(string setting, string? path, string error);

    [LoggerMessage(LogLevel.Error, "changed secret not taken: defect")]
    private partial void Failed(Exception exception);
}
