namespace Aspire.Hosting;

/// <summary>The distributed application cannot be put together, started or kept up; the message says why.</summary>
public class DistributedApplicationException : Exception
{
    /// <summary>Gives no reason.</summary>
    public DistributedApplicationException()
    {
    }

    /// <summary>Gives the reason.</summary>
    public DistributedApplicationException(string message)
        : base(message)
    {
    }

    /// <summary>Gives the reason and what led to it.</summary>
    public DistributedApplicationException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
