using Middleware.Cesql.Parsing;

namespace Middleware.Cesql.Evaluation;

/// <summary>A binary operator, where it stands, and its right operand. The left one is what came before.</summary>
internal readonly record struct Step(TokenKind Operator, int Position, Node Operand);
