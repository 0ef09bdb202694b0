using System.Collections.Immutable;
using Middleware.Cesql.Evaluation;
using Middleware.Cesql.Functions;

namespace Middleware.Cesql.Parsing;

/// <summary>Calls of functions, and the lists that they and IN have.</summary>
internal sealed partial class Parser
{
    private Node? ParseCall(Token name)
    {
        var text = TextOf(name);
        if (!char.IsAsciiLetter(text[0]) || text.AsSpan().ContainsAnyInRange('0', '9'))
        {
            return Fail(name.Position, $"{Shown(text)} cannot be the name of a function: they have only letters and underscores, a letter first");
        }

        if (ParseList(isEmptyAllowed: true) is not { } arguments)
        {
            return null;
        }

        if (FunctionTable.TryFind(text, arguments.Length, out var function, out var reason))
        {
            return new CallNode(name.Position, function, arguments);
        }

        // What follows is still read: a text that is no expression is told first.
        _missingFunction ??= new CesqlFault(CesqlFaultKind.MissingFunction, name.Position, reason);
        return new LiteralNode(name.Position, default);
    }

    /// <summary>Expressions in parentheses: the arguments of a function or the set of IN.</summary>
    private ImmutableArray<Node>? ParseList(bool isEmptyAllowed)
    {
        var items = ImmutableArray.CreateBuilder<Node>();
        if (!TryTake(TokenKind.Open))
        {
            Expected("(");
            return null;
        }

        if (isEmptyAllowed && TryTake(TokenKind.Close))
        {
            return [];
        }

        do
        {
            if (ParseLevel(Level.Logic) is not { } item)
            {
                return null;
            }

            items.Add(item);
        }
        while (TryTake(TokenKind.Comma));

        if (!TryTake(TokenKind.Close))
        {
            Expected("an operator, a comma or )");
            return null;
        }

        return items.DrainToImmutable();
    }
}
