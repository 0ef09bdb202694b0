using Middleware.Events;
using Middleware.Filtering.Cesql;
using Middleware.Http;

namespace Middleware.Endpoints;

/// <summary>Reads the order of an endpoint's events.</summary>
internal static class OrderingBody
{
    private const string Key = "ordering_key";
    private const string Exhausted = "on_exhausted";

    /// <summary>Null for no order. Its other members mean nothing then: a request that has them is refused.</summary>
    public static KeyOrdering? Read(RequestReader given)
    {
        var ordering = given.OneOf(
            "ordering",
            EnumNames<Ordering>.All,
            "`key`: events of one key go one after the other, in order of acceptance, whatever their priorities. `none` by default.") ?? Ordering.None;
        var expression = given.Text(new RequestMember(
            Key, "string", "CloudEvents SQL 1.0 of at most 4,096 characters, of which the value is the key; `source` by default. Events for which it fails have the empty key.")
        {
            MaxLength = CesqlExpression.MaxLength,
            Pattern = Patterns.NotBlank,
        });
        var exhausted = given.OneOf(
            Exhausted,
            EnumNames<OnExhausted>.All,
            "After an event that is not tried again by itself, the next ones of its key go on (`skip`, by default), or wait until it is discarded or replayed (`block`).");
        if (ordering == Ordering.None)
        {
            foreach (var member in (string[])[Key, Exhausted])
            {
                if (given.IsGiven(member))
                {
                    given.Refuse<string>(member, "is for \"ordering\":\"key\"; leave it out, or give that too");
                }
            }

            return null;
        }

        return KeyOrdering.TryCreate(expression, exhausted ?? OnExhausted.Skip, out var read, out var fault) ? read : given.Refuse<KeyOrdering>(Key, fault);
    }
}
