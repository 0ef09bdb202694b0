using Middleware.Accepting;
using Middleware.Storage.AtRest;

namespace Middleware.Storage.Sql;

/// <summary>The encryption of a request's events and of the answer that its idempotency key keeps. Made on the thread of the request.</summary>
internal sealed class SealedRequest
{
    private readonly DataKeys _keys;
    private readonly SealedRow _answerRow;
    private readonly byte[][]? _payloads;
    private readonly byte[]? _answer;
    private readonly byte[]? _sealedAnswer;

    public SealedRequest(DataKeys keys, IReadOnlyList<RoutedEvent> events, IdempotencyClaim? claim)
    {
        _keys = keys;
        _answerRow = claim is null ? default : SealedRow.KeptAnswer(claim.Route, claim.Key);
        if (!keys.SealsPayloads)
        {
            return;
        }

        _payloads = new byte[events.Count][];
        for (var index = 0; index < events.Count; index++)
        {
            _payloads[index] = keys.Seal(SealedRow.Payload(events[index].Event.Id), events[index].Event.Payload.Span);
            Bytes += _payloads[index].Length;
        }

        // The answer of a request whose events are all accepted, as nearly all are.
        if (claim is not null && KeptResults.Write([.. events.Select(static routed => EventResult.Of(routed, AcceptOutcome.Accepted))]) is { } answer)
        {
            (_answer, _sealedAnswer) = (answer, keys.Seal(_answerRow, answer));
        }
    }

    /// <summary>The bytes of its encrypted payloads.</summary>
    public long Bytes { get; }

    /// <summary>The encrypted payload of an event; null where payloads stay plain.</summary>
    public byte[]? Payload(int index) => _payloads?[index];

    /// <summary>An answer as it is stored. The writer encrypts one only if it is another than was expected.</summary>
    public byte[] ToStored(byte[] answer) =>
        !_keys.SealsPayloads ? answer
        : _sealedAnswer is not null && answer.AsSpan().SequenceEqual(_answer) ? _sealedAnswer
        : _keys.Seal(_answerRow, answer);

    /// <summary>A stored answer as it was.</summary>
    public byte[] FromStored(byte[] stored) => DataKeys.Open(_keys, _answerRow, stored)
        ?? throw new InvalidDataException("The kept answer of the idempotency key cannot be decrypted.");
}
