namespace Aspire.Hosting.Local;

/// <summary>Whether declared ports are kept or, as under test, replaced by free ones so that applications can run side by side.</summary>
internal sealed record PortPolicy(bool Random);
