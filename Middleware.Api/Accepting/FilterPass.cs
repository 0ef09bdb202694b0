using System.Collections.Immutable;
using Middleware.Endpoints;
using Middleware.Events;
using Middleware.Filtering;
using Middleware.Filtering.Cesql;

namespace Middleware.Accepting;

/// <summary>
/// Asks the filters of all endpoints, in their order, about one event. A pass can be interrupted and continued, also on another thread.
/// </summary>
internal struct FilterPass(EndpointSet endpoints, IntegrationEvent accepted)
{
    private readonly FilteredEvent _filtered = new(accepted);
    private readonly ulong _type = NamePatterns.MaskOf(accepted.EventType);
    private FilterBudget _budget = new(accepted.Payload.Length);
    private int _next;

    // Made at the first endpoint that does not match: when all match, their own array is the answer.
    private ImmutableArray<WebhookEndpoint>.Builder? _matching;

    /// <summary>The endpoints whose filters were given up and count as no match; null for none.</summary>
    public List<WebhookEndpoint>? TooCostly { get; private set; }

    /// <summary>The steps so far: one for each endpoint, and those of its filter.</summary>
    public long Spent { get; private set; }

    /// <summary>Goes on until all filters were asked; false when that would cost more steps in total.</summary>
    public bool TryEnd(long mostSteps = long.MaxValue)
    {
        var (all, masks) = (endpoints.All, endpoints.TypeMasks);
        for (; _next < all.Length; _next++)
        {
            if ((masks[_next] & _type) == 0)
            {
                if (Spent >= mostSteps)
                {
                    return false;
                }

                Spent++;
                Note(all[_next], isMatch: false, isTooCostly: false);
                continue;
            }

            var filter = all[_next].Filter;
            var most = _budget.For(filter);
            var given = Math.Min(most, mostSteps - Spent);
            var budget = new StepBudget(given);
            var isMatch = filter.Matches(_filtered, ref budget);
            var cost = given - Math.Max(0, budget.Left);
            Spent += 1 + Math.Max(0, cost);
            if (budget.IsSpent && given < most)
            {
                return false;
            }

            _budget.Take(filter, cost);
            Note(all[_next], isMatch, budget.IsSpent);
        }

        return true;
    }

    /// <summary>The endpoints that the event goes to, when all were asked; may be read once.</summary>
    public readonly ImmutableArray<WebhookEndpoint> Matching() => _matching?.DrainToImmutable() ?? endpoints.All;

    private void Note(WebhookEndpoint endpoint, bool isMatch, bool isTooCostly)
    {
        if (isMatch)
        {
            _matching?.Add(endpoint);
        }
        else if (_matching is null)
        {
            _matching = ImmutableArray.CreateBuilder<WebhookEndpoint>();
            _matching.AddRange(endpoints.All, _next);
        }

        if (isTooCostly)
        {
            (TooCostly ??= []).Add(endpoint);
        }
    }
}
