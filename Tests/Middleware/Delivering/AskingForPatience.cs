using Microsoft.Extensions.Logging.Abstractions;
using Middleware.Delivering;
using Middleware.Endpoints;
using Middleware.Events;

namespace Tests.Middleware.Delivering;

/// <summary><c>Retry-After</c> in the answer to a probe, and to a try that ends after its circuit opened.</summary>
public sealed class AskingForPatience : IDisposable
{
    /// <summary>From the failure of the first probe to the second.</summary>
    private const int UntilProbe = 30;

    private const int AnHour = 3_600;

    private readonly TestClock _clock = new();
    private readonly Circuit _circuit;
    private WebhookEndpoint _endpoint = Made.Endpoint(retries: Made.Once with { MaxRetries = 3 });

    public AskingForPatience() => _circuit = new Circuit(_clock, Waiting.Cancellation);

    public void Dispose() => _circuit.Dispose();

    [Theory]
    [InlineData(429, AnHour, AnHour)]
    [InlineData(503, AnHour, AnHour)]
    [InlineData(503, UntilProbe + 1, 60)]
    public async Task A_probe_is_a_dead_letter_until_the_time_asked_for_and_the_circuit_stays_open_no_longer(int status, int retryAfter, int next)
    {
        var outcome = await Probe(status, retryAfter);

        Assert.Equal(DeliveryOutcome.DeadLetter() with { NextTryAt = In(next) }, outcome);
        _circuit.TryEnter(out var wait);
        Assert.Equal(UntilProbe, wait.TotalSeconds);
    }

    [Theory]
    [InlineData(429)]
    [InlineData(503)]
    public async Task A_try_whose_circuit_opens_meanwhile_is_a_dead_letter_until_the_time_asked_for(int status)
    {
        var outcome = await Send(_circuit.TryEnter(out _)!, status, AnHour, meanwhile: Open);

        Assert.Equal(DeliveryOutcome.DeadLetter() with { NextTryAt = In(AnHour) }, outcome);
    }

    [Theory]
    [InlineData(429, null)]
    [InlineData(503, null)]
    [InlineData(503, UntilProbe)]
    public async Task A_time_before_the_next_probe_changes_nothing(int status, int? retryAfter)
    {
        var outcome = await Probe(status, retryAfter);

        Assert.Equal(DeliveryOutcome.Pending(0, In(0)), outcome);
    }

    [Theory]
    [InlineData(429, 0)]
    [InlineData(429, 2)]
    [InlineData(503, 0)]
    [InlineData(503, 2)]
    public async Task With_no_redelivery_left_a_probe_is_a_try_like_any_other(int status, int failures)
    {
        var fallback = new EndpointId("ep_1");
        _endpoint = _endpoint with { Redelivery = new RedeliverySchedule([.. _endpoint.Redelivery.Delays.Take(failures)]), FallbackId = fallback };

        var ordinary = await Send(_circuit.TryEnter(out _)!, status, AnHour, failures);
        var probe = await Probe(status, AnHour, failures);

        Assert.Equal(status == 429 ? DeliveryOutcome.DeadLetter() with { HandedTo = fallback } : DeliveryOutcome.Pending(1, In(0)), probe);
        Assert.Equal((ordinary.Kind, ordinary.Tries, ordinary.HandedTo), (probe.Kind, probe.Tries, probe.HandedTo));
    }

    private DateTimeOffset In(int seconds) => _clock.GetUtcNow() + TimeSpan.FromSeconds(seconds);

    private void Open()
    {
        var pass = _circuit.TryEnter(out _)!;
        for (var tries = 0; tries < Circuit.FewestTries; tries++)
        {
            pass.Note(Made.Failed());
        }
    }

    private async Task<DeliveryOutcome> Probe(int status, int? retryAfter, int failures = 0)
    {
        Open();
        _clock.Advance(Circuit.ShortestOpening);
        var pass = _circuit.TryEnter(out _)!;
        Assert.True(pass.IsProbe);
        return await Send(pass, status, retryAfter, failures);
    }

    /// <summary>The outcome of the first try.</summary>
    private async Task<DeliveryOutcome> Send(CircuitPass pass, int status, int? retryAfter, int failures = 0, Action? meanwhile = null)
    {
        var client = new FakeDeliveryClient
        {
            Answer = _ =>
            {
                meanwhile?.Invoke();
                return Made.Attempt(status, FailureReason.FromStatus(status)) with
                {
                    StartedAt = _clock.GetUtcNow(),
                    RetryAfter = retryAfter is { } seconds ? In(seconds) : null,
                };
            },
        };
        var store = new ListStore();
        var fastTier = MadeLanes.Shipments(store, client, Made.Registry(_endpoint), Made.Metrics(), _clock, NullLoggerFactory.Instance);
        var delivery = Made.Delivery(1) with { Failures = failures };
        await fastTier.ExecuteAsync(Shipment.Of(delivery), pass, new StopSignals(Waiting.Cancellation, Waiting.Cancellation)).InTime();
        return store.Recorded[0].Outcomes[0];
    }
}
