namespace ServiceDefaults;

/// <summary>
/// What a service does before its host starts, ended early by the token when it is to stop. It may throw
/// <see cref="StartRefusedException"/>, and the service then ends with that line alone.
/// </summary>
public sealed record StartStep(Func<CancellationToken, Task> RunAsync);
