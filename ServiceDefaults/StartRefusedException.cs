namespace ServiceDefaults;

/// <summary>A service cannot start for a reason its operator can mend; the message is the line for the operator.</summary>
public sealed class StartRefusedException(string message, Exception? innerException = null) : Exception(message, innerException);
