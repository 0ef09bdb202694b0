using Middleware.Cesql.Evaluation;

namespace Middleware.Cesql.Parsing;

/// <summary>What is said about a text that is no expression.</summary>
internal sealed partial class Parser
{
    private const int MostShown = 40;

    private Node? Expected(string what) => Fail(_token.Position, _token.Kind switch
    {
        TokenKind.End => $"expected {what}, but the expression ends",
        TokenKind.Unknown => $"{TextOf(_token)} is not part of the language",
        TokenKind.Unclosed => "the string that begins here does not end",
        _ when _token.IsKeyword => $"expected {what}, found the keyword {TextOf(_token)}",
        _ => $"expected {what}, found {Shown(TextOf(_token))}",
    });

    private Node? Fail(int position, string reason)
    {
        _fault ??= new CesqlFault(CesqlFaultKind.Parse, position, reason);
        return null;
    }

    private static string Shown(string text) => text.Length <= MostShown ? text : $"{text.AsSpan(0, MostShown)}...";
}
