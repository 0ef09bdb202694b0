namespace Middleware.Outbound;

/// <summary>
/// A host is at no address that is allowed. It is neither an HttpRequestException nor an IOException: those are tried again, and this is not.
/// </summary>
internal sealed class AddressRefusedException(string message) : Exception(message);
