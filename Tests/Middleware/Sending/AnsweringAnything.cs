using System.Net.Sockets;
using CsCheck;
using Middleware.Endpoints;
using Middleware.Events;
using Xunit.Sdk;

namespace Tests.Middleware.Sending;

/// <summary>Whatever a receiver answers, a delivery ends in an outcome, and the next one is sent.</summary>
public class AnsweringAnything
{
    private const ulong Seed = 20_260_301;
    private const int Cases = 10_000;

    private static readonly TimeSpan LongestRetryAfter = TimeSpan.FromHours(24);

    private static readonly string[] Reasons =
    [
        FailureReason.Timeout, FailureReason.ConnectionRefused, FailureReason.ConnectionReset, FailureReason.Dns, FailureReason.Tls, FailureReason.Redirect, FailureReason.Network,
    ];

    private readonly TestClock _clock = new() { Hurried = Sender.Pauses };
    private PlayedAnswer? _next;
    private TaskCompletionSource _played = new();

    /// <summary>All that is thrown out of a delivery would end its worker: here it ends the test.</summary>
    [Fact]
    public async Task Every_answer_is_an_outcome_and_the_next_delivery_is_sent()
    {
        await using var receiver = new Receiver(async (socket, stop) =>
            Interlocked.Exchange(ref _next, null) is { } answer ? await Play(answer)(socket, stop) : await Receiver.Answer(200)(socket, stop));
        await using var sender = new Sender(_clock);
        var endpoint = Sender.Endpoint(receiver.Url, maxRetries: 1);
        var chance = new PCG(stream: 1, Seed);

        for (var number = 1; number <= Cases; number++)
        {
            var answer = PlayedAnswer.Any.Generate(chance, null, out _);
            try
            {
                IsOutcome(answer, await Send(answer, sender, endpoint));
                Assert.True((await sender.Send(endpoint)).IsDelivered, "the next delivery is not delivered");
            }
            catch (Exception exception)
            {
                throw new XunitException($"seed {Seed}, case {number}, {answer}: {exception.Message}", exception);
            }
        }
    }

    private async Task<SentShipment> Send(PlayedAnswer answer, Sender sender, WebhookEndpoint endpoint)
    {
        _played = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _next = answer;
        var sent = await sender.Send(endpoint);
        await _played.Task.InTime();
        return sent;
    }

    private void IsOutcome(PlayedAnswer answer, SentShipment sent)
    {
        Assert.InRange(sent.Attempts.Count, 1, 2);
        Assert.All(sent.Attempts, IsJudged);
        Assert.Equal(sent.Last.IsDelivered ? OutcomeKind.Delivered : OutcomeKind.DeadLetter, sent.Outcome.Kind);
        if (answer.Status is not null)
        {
            Assert.Contains(answer.Status, sent.Attempts.Select(static attempt => attempt.StatusCode));
        }
    }

    private Func<Socket, CancellationToken, Task<bool>> Play(PlayedAnswer answer) => async (socket, stop) =>
    {
        try
        {
            _clock.Advance(answer.Delay);
            return await Receiver.Play(answer.Said, answer.Ending)(socket, stop);
        }
        finally
        {
            if (answer is { Status: null, Ending: Ending.GoesOn })
            {
                // The rest is waited for, and does not come.
                _clock.Advance(TimeSpan.FromSeconds(3));
            }

            _played.SetResult();
        }
    };

    private void IsJudged(Attempt attempt)
    {
        Assert.True(attempt.RetryAfter is null || attempt.RetryAfter <= _clock.GetUtcNow() + LongestRetryAfter, $"Retry-After until {attempt.RetryAfter}");
        Assert.Equal(attempt.Reason is null, attempt.StatusCode is >= 200 and < 300);
        Assert.Equal(attempt.Reason is null, attempt.Error is null);
        Assert.True(attempt.Reason is null || Reasons.Contains(attempt.Reason) || attempt.Reason == $"{FailureReason.HttpPrefix}{attempt.StatusCode}", attempt.Reason);
    }
}
