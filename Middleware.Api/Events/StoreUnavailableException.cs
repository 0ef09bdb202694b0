namespace Middleware.Events;

/// <summary>The store cannot be written or read at the moment (disk full, file gone, ...). Nothing that was handed to it was accepted.</summary>
internal sealed class StoreUnavailableException(string message, Exception? innerException = null) : Exception(message, innerException);
