using System.Buffers;
using System.Globalization;
using System.Text;

namespace Tests.Middleware.Storage.Postgres;

/// <summary>
/// Finds the replies to commits among the messages of one server to one client. Such a reply is the tag COMMIT, or, when statements wrote without
/// BEGIN, the ReadyForQuery behind them. A SELECT that writes is not seen. See <see href="https://www.postgresql.org/docs/15/protocol-message-formats.html"/>.
/// </summary>
internal sealed class CommitReplies
{
    /// <summary>The length of a message's type and its length.</summary>
    private const int Head = 5;

    private bool _isInBlock;
    private bool _hasWritten;

    /// <summary>Takes the next message of a buffer, if it is there as a whole.</summary>
    /// <returns>True for a message; <paramref name="isReply"/> when it is the reply to a commit.</returns>
    public bool TryTake(ref ReadOnlySequence<byte> buffer, out bool isReply)
    {
        isReply = false;
        var reader = new SequenceReader<byte>(buffer);
        if (!reader.TryRead(out var type) || !reader.TryReadBigEndian(out int length) || buffer.Length < length + 1)
        {
            return false;
        }

        var body = buffer.Slice(Head, length + 1 - Head);
        buffer = buffer.Slice(length + 1);
        isReply = type switch
        {
            (byte)'C' => IsCommit(Encoding.ASCII.GetString(body).TrimEnd('\0')),
            (byte)'Z' => IsEndOfWriting((char)body.FirstSpan[0]),
            _ => false,
        };
        return true;
    }

    /// <summary>Looks at a tag such as <c>INSERT 0 512</c>.</summary>
    private bool IsCommit(string tag)
    {
        var words = tag.Split(' ');
        _isInBlock = words[0] == "BEGIN" || (_isInBlock && tag != "COMMIT");
        _hasWritten |= !_isInBlock && words[0] is "INSERT" or "UPDATE" or "DELETE" or "MERGE" or "COPY" && long.Parse(words[^1], CultureInfo.InvariantCulture) > 0;
        return tag == "COMMIT";
    }

    /// <summary>Looks at the state of the session: I for idle, T and E in a transaction block.</summary>
    private bool IsEndOfWriting(char state)
    {
        var isEnd = _hasWritten && state == 'I';
        (_isInBlock, _hasWritten) = (state != 'I', false);
        return isEnd;
    }
}
