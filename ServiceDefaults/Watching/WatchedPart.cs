namespace ServiceDefaults.Watching;

/// <summary>A part without which the service is worth nothing. The watchdog asks it for a sign of life.</summary>
/// <param name="Name">Its name in the log.</param>
/// <param name="PingAsync">Completes as soon as the part is alive. It waits for no disk and no other machine.</param>
public sealed record WatchedPart(string Name, Func<Task> PingAsync);
