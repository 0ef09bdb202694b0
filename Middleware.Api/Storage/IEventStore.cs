using Middleware.Accepting;
using Middleware.Delivering;

namespace Middleware.Storage;

/// <summary>The store of events, each half of which is a port of its capability: accepted events are pending there.</summary>
internal interface IEventStore : IAcceptStore, IDeliveryStore;
