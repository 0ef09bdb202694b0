using System.Text.Json;
using Clients;
using Clients.Kiota;
using Clients.NSwag;
using Microsoft.Kiota.Abstractions.Authentication;
using Microsoft.Kiota.Http.HttpClientLibrary;

var (service, address) = await Service.StartAsync();
using (service)
{
    using var http = new HttpClient { BaseAddress = address };
    await new NSwagCalls(http).RunAsync();
    await new KiotaCalls(new KiotaClient(new HttpClientRequestAdapter(new AnonymousAuthenticationProvider(), httpClient: http) { BaseUrl = address.ToString().TrimEnd('/') })).RunAsync();
}

Console.WriteLine("The clients of NSwag and Kiota called the service and understood its answers.");

namespace Clients
{
    internal static class Check
    {
        public static void That(bool isSo, string what)
        {
            if (!isSo)
            {
                throw new InvalidOperationException($"It is not so: {what}");
            }
        }
    }

    /// <summary>A client for each tag, enums by name, one type whatever the status, problems as exceptions.</summary>
    internal sealed class NSwagCalls(HttpClient http)
    {
        public async Task RunAsync()
        {
            var endpoints = new EndpointsClient(http);
            var created = await endpoints.CreateAsync(new EndpointRequest
            {
                Name = "pager",
                Url = new Uri("https://pager.example/hook"),
                Enabled = false,
                When_full = WhenFull.Reject,
                Filter = new FilterRequest { Min_priority = Priority.High },
                Headers = new Dictionary<string, string> { ["X-Team"] = "core" },
            });
            Check.That(created is { When_full: WhenFull.Reject, Origin: EndpointOrigin.Api, Disabled_reason: DisabledReason.Operator, Rate_limit: null }, "the endpoint is as asked for");

            var accepted = await new AcceptingClient(http).AcceptAsync(new EventRequest
            {
                Source = "clients",
                Event_type = "made",
                Severity = "critical",
                Message = "m",
                Metadata = new Dictionary<string, object> { ["a"] = new[] { 1, 2 } },
            });
            Check.That(accepted.Status == AcceptStatus.Accepted, "the event is accepted");
            var seen = await new EventsClient(http).GetAsync(accepted.Event_id);
            Check.That(seen is { Priority: Priority.Critical, Status: EventStatus.Pending } && seen.Deliveries.Single().Status == DeliveryStatus.Pending, "the event waits for the endpoint");
            Check.That(((JsonElement)seen.Payload).GetProperty("metadata").GetProperty("a").GetArrayLength() == 2, "the payload has the metadata");

            var replays = new ReplaysClient(http);
            var order = new BulkReplayRequest { Of = ReplaySubject.Events, Filter = new BulkReplayFilter { Priority = Priority.Critical }, Dry_run = true };
            Check.That(await replays.CreateAsync(order) is { Id: null, State: null, Dry_run: true, Of: ReplaySubject.Events }, "a dry run counts");
            order.Dry_run = false;
            Check.That(await replays.CreateAsync(order) is { Id: not null, State: ReplayState.Running }, "a replay runs");

            try
            {
                await endpoints.GetAsync("none");
                throw new InvalidOperationException("There is an endpoint \"none\".");
            }
            catch (ApiException<ProblemDetails> problem)
            {
                Check.That(problem is { StatusCode: 404, Result.Title: "The endpoint is not known." }, "404 is a problem");
            }

            await endpoints.DeleteAsync(created.Id, "*", WaitingDeliveries.DeadLetter);
            Check.That((await new HealthClient(http).ReadyAsync()).Checks["store"].Status == HealthStatus.Healthy, "the service is ready");
        }
    }

    /// <summary>The routes as they are, objects with any members, enums in queries.</summary>
    internal sealed class KiotaCalls(KiotaClient client)
    {
        public async Task RunAsync()
        {
            var created = await client.Api.V1.Endpoints.PostAsync(new() { Name = "pager", Url = "https://pager.example/hook", Enabled = false, Format = Kiota.Models.DeliveryFormat.Cloudevents });
            var patched = await client.Api.V1.Endpoints[created!.Id].PatchAsync(
                new Kiota.Models.EndpointPatch { Workers = 3, Headers = new() { AdditionalData = { ["X-Team"] = "core" } } }, static request => request.Headers.Add("If-Match", "\"1\""));
            Check.That(patched is { Workers: 3, Name: "pager", Format: Kiota.Models.DeliveryFormat.Cloudevents, HeaderNames: ["X-Team"] }, "what the patch names is changed");

            var accepted = await client.Integrations.Events.PostAsync(new() { Source = "clients", EventType = "made", Severity = "critical", Message = "m", Metadata = new() { AdditionalData = { ["a"] = 1 } } });
            var page = await client.Api.V1.Events.GetAsync(static request => request.QueryParameters.Priority = Kiota.Models.Priority.Critical);
            Check.That(page!.Items!.Exists(item => item.EventId == accepted!.EventId && item.Status == Kiota.Models.EventStatus.Pending), "the list shows the event");
            var seen = await client.Api.V1.Events[accepted!.EventId].GetAsync();
            Check.That(seen!.Payload!.AdditionalData.ContainsKey("metadata"), "the payload has the metadata");

            try
            {
                await client.Api.V1.Endpoints["none"].GetAsync();
                throw new InvalidOperationException("There is an endpoint \"none\".");
            }
            catch (Kiota.Models.ProblemDetails problem)
            {
                Check.That(problem is { ResponseStatusCode: 404, Title: "The endpoint is not known." }, "404 is a problem");
            }
        }
    }
}
