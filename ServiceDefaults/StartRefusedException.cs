namespace ServiceDefaults;

/// <summary>A service cannot start for a reason its operator can mend; the message is the one line that says so.</summary>
public sealed class StartRefusedException(string message, Exception? innerException = null) : Exception(message, innerException);
