namespace Middleware.Storage.Sql;

/// <summary>The failure for which nothing can be written at the moment; its beginning and its end are logged.</summary>
internal sealed partial class WriteFailure(string path, ILogger logger)
{
    /// <summary>The reason; null while writes succeed.</summary>
    public string? Reason { get; private set; }

    public void Begin(Exception exception)
    {
        if (Reason is null)
        {
            NotWriting(exception, path);
        }

        Reason = exception.Message;
    }

    public void End()
    {
        if (Reason is not null)
        {
            Reason = null;
            WritingAgain();
        }
    }

    [LoggerMessage(LogLevel.Error, "the store cannot be written: events are refused, outcomes are held")]
    private partial void NotWriting(Exception exception, string path);

    [LoggerMessage(LogLevel.Warning, "the store can be written again")]
    private partial void WritingAgain();
}
