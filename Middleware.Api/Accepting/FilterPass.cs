using System.Collections.Immutable;
using Middleware.Endpoints;
using Middleware.Events;
using Middleware.Filtering;
using Middleware.Filtering.Cesql;

namespace Middleware.Accepting;

/// <summary>
/// Asks the filters of all endpoints that may take the type of an event, in their order. A pass can be interrupted and continued, also on another thread.
/// </summary>
internal struct FilterPass(EndpointSet endpoints, IntegrationEvent accepted)
{
    private readonly FilteredEvent _filtered = new(accepted);
    private readonly IReadOnlyList<int> _named = endpoints.ByType.Naming(accepted.EventType);
    private readonly IReadOnlyList<int> _others = endpoints.ByType.Others;
    private FilterBudget _budget = new(accepted.Payload.Length);
    private int _askedNamed;
    private int _askedOthers;

    // Made at the first endpoint that does not match: when all match, their own array is the answer.
    private ImmutableArray<WebhookEndpoint>.Builder? _matching;

    /// <summary>The endpoints whose filters were given up and count as no match; null for none.</summary>
    public List<WebhookEndpoint>? TooCostly { get; private set; }

    /// <summary>The steps so far: one for each endpoint that was asked, and those of its filter.</summary>
    public long Spent { get; private set; }

    private readonly bool AsksAll => _named.Count + _others.Count == endpoints.All.Length;

    /// <summary>Goes on until all filters were asked; false when that would cost more steps in total.</summary>
    public bool TryEnd(long mostSteps = long.MaxValue)
    {
        while (_askedNamed < _named.Count || _askedOthers < _others.Count)
        {
            var isNamed = _askedOthers == _others.Count || (_askedNamed < _named.Count && _named[_askedNamed] < _others[_askedOthers]);
            var endpoint = endpoints.All[isNamed ? _named[_askedNamed] : _others[_askedOthers]];
            var most = _budget.For(endpoint.Filter);
            var given = Math.Min(most, mostSteps - Spent);
            var budget = new StepBudget(given);
            var isMatch = endpoint.Filter.Matches(_filtered, ref budget);
            var cost = given - Math.Max(0, budget.Left);
            Spent += 1 + Math.Max(0, cost);
            if (budget.IsSpent && given < most)
            {
                return false;
            }

            _budget.Take(endpoint.Filter, cost);
            Note(endpoint, isMatch, budget.IsSpent);
            (_askedNamed, _askedOthers) = isNamed ? (_askedNamed + 1, _askedOthers) : (_askedNamed, _askedOthers + 1);
        }

        return true;
    }

    /// <summary>The endpoints that the event goes to, when all were asked; may be read once.</summary>
    public readonly ImmutableArray<WebhookEndpoint> Matching() => _matching?.DrainToImmutable() ?? (AsksAll ? endpoints.All : []);

    private void Note(WebhookEndpoint endpoint, bool isMatch, bool isTooCostly)
    {
        if (_matching is null && !(isMatch && AsksAll))
        {
            _matching = ImmutableArray.CreateBuilder<WebhookEndpoint>();
            _matching.AddRange(endpoints.All, AsksAll ? _askedNamed + _askedOthers : 0);
        }

        if (isMatch)
        {
            _matching?.Add(endpoint);
        }

        if (isTooCostly)
        {
            (TooCostly ??= []).Add(endpoint);
        }
    }
}
