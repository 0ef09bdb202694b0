using System.Collections.Immutable;
using Middleware.Domain;
using Middleware.UseCases;

namespace Middleware.Storage.Sqlite;

/// <summary>An event that waits for its commit; the request that brought it waits on the task.</summary>
internal sealed class AcceptItem(IntegrationEvent accepted, ImmutableArray<WebhookEndpoint> endpoints)
    : TaskCompletionSource<AcceptOutcome>(TaskCreationOptions.RunContinuationsAsynchronously)
{
    public IntegrationEvent Event => accepted;

    public ImmutableArray<WebhookEndpoint> Endpoints => endpoints;

    /// <summary>What the transaction came to, told when it is committed.</summary>
    public AcceptOutcome Outcome { get; set; }

    public long Sequence { get; set; }
}

/// <summary>An outcome that is to be recorded; nobody waits for it.</summary>
internal sealed record OutcomeItem(Delivery Delivery, DeliveryOutcome Outcome);
