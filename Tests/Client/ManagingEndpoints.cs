using AspireIntegration.Client;
using AspireIntegration.Client.Operating;

namespace Tests.Client;

public sealed class ManagingEndpoints : OnAClient
{
    private EndpointOperations Endpoints => Client.Endpoints;

    [Fact]
    public async Task An_endpoint_is_made_with_all_that_it_may_have()
    {
        var made = await Endpoints.CreateAsync(
            OperatedMiddleware.Endpoint() with
            {
                Filter = new() { EventTypes = ["server_*"], MinPriority = Priority.High, Expression = "source = 'billing'" },
                Timeout = TimeSpan.FromSeconds(2),
                RedeliverySchedule = [TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(90)],
                MaxAge = TimeSpan.FromDays(2),
                RateLimit = new() { PerSecond = 2.5, Burst = 3 },
                Batch = new() { MaxSize = 10, MaxWait = TimeSpan.FromMilliseconds(250) },
                Headers = new Dictionary<string, SecretValue> { ["X-Team"] = "core" },
                Auth = new() { Kind = AuthKind.Bearer, Token = "secret-token" },
                WhenFull = WhenFull.Reject,
                Format = DeliveryFormat.Cloudevents,
            },
            Waiting.Cancellation);

        var read = await Endpoints.GetAsync(made.Id, Waiting.Cancellation);

        Assert.NotNull(made.Secret);
        Assert.Null(read.Secret);
        Assert.Equal("\"1\"", read.ETag);
        Assert.Equal((EndpointOrigin.Api, WhenFull.Reject, DeliveryFormat.Cloudevents, Ordering.None), (read.Origin, read.WhenFull, read.Format, read.Ordering));
        Assert.Equal(["server_*"], read.Filter.EventTypes);
        Assert.Equal((Priority.High, "source = 'billing'"), (read.Filter.MinPriority, read.Filter.Expression));
        Assert.Equal((TimeSpan.FromSeconds(2), TimeSpan.FromDays(2)), (read.Timeout, read.MaxAge));
        Assert.Equal([TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(90)], read.RedeliverySchedule);
        Assert.Equal((2.5, 3, 10, TimeSpan.FromMilliseconds(250)), (read.RateLimit!.PerSecond, read.RateLimit.Burst, read.Batch!.MaxSize, read.Batch.MaxWait));
        Assert.Equal(["X-Team"], read.HeaderNames);
        Assert.Equal(AuthKind.Bearer, read.Auth!.Kind);
        Assert.Equal(HealthState.Healthy, read.Health.State);
    }

    [Fact]
    public async Task A_patch_leaves_sets_and_sets_back()
    {
        var made = await Endpoints.CreateAsync(
            OperatedMiddleware.Endpoint() with
            {
                Workers = 3,
                RateLimit = new() { PerSecond = 5 },
                Filter = new() { EventTypes = ["a"], Sources = ["s"] },
                Headers = new Dictionary<string, SecretValue> { ["X-One"] = "1", ["X-Two"] = "2" },
            },
            Waiting.Cancellation);

        var patch = new EndpointPatch
        {
            Name = "other",
            Workers = 4,
            RateLimit = null,
            Filter = new FilterPatch { EventTypes = null, MinPriority = Priority.Medium },
            Headers = new Dictionary<string, SecretValue?> { ["X-One"] = null, ["X-Three"] = "3" },
            RedeliverySchedule = new[] { TimeSpan.FromHours(1) },
        };
        var patched = await Endpoints.PatchAsync(made.Id, patch, made.ETag!, Waiting.Cancellation);

        Assert.Equal(("other", 4, null), (patched.Name, patched.Workers, patched.RateLimit));
        Assert.Empty(patched.Filter.EventTypes);
        Assert.Equal(["s"], patched.Filter.Sources);
        Assert.Equal(Priority.Medium, patched.Filter.MinPriority);
        Assert.Equal(["X-Three", "X-Two"], patched.HeaderNames.Order());
        Assert.Equal([TimeSpan.FromHours(1)], patched.RedeliverySchedule);
        Assert.Equal("\"2\"", patched.ETag);

        var same = await Endpoints.PatchAsync(made.Id, new(), EndpointOperations.AnyVersion, Waiting.Cancellation);
        Assert.Equal(("other", 4), (same.Name, same.Workers));
    }

    [Fact]
    public async Task A_stale_change_is_refused()
    {
        var made = await Endpoints.CreateAsync(OperatedMiddleware.Endpoint(), Waiting.Cancellation);
        await Endpoints.ReplaceAsync(made.Id, OperatedMiddleware.Endpoint("new"), made.ETag!, Waiting.Cancellation);

        async Task Stale(Func<Task> change) =>
            Assert.Equal(HttpStatusCode.PreconditionFailed, (await Assert.ThrowsAsync<AspireIntegrationException>(change)).StatusCode);

        await Stale(() => Endpoints.ReplaceAsync(made.Id, OperatedMiddleware.Endpoint("lost"), made.ETag!, Waiting.Cancellation));
        await Stale(() => Endpoints.PatchAsync(made.Id, new() { Name = "lost" }, made.ETag!, Waiting.Cancellation));
        await Stale(() => Endpoints.DeleteAsync(made.Id, made.ETag!, cancellationToken: Waiting.Cancellation));
        Assert.Equal("new", (await Endpoints.GetAsync(made.Id, Waiting.Cancellation)).Name);
        await Assert.ThrowsAsync<ArgumentNullException>(() => Endpoints.DeleteAsync(made.Id, null!, cancellationToken: Waiting.Cancellation));
    }

    [Fact]
    public async Task Faults_stand_under_their_fields()
    {
        var refusal = await Assert.ThrowsAsync<AspireIntegrationException>(
            () => Endpoints.CreateAsync(new() { Name = "", Url = "nonsense", Workers = -1 }, Waiting.Cancellation));

        Assert.Equal(HttpStatusCode.BadRequest, refusal.StatusCode);
        Assert.Equal(["name", "url", "workers"], refusal.Errors.Keys.Order());
        Assert.All(refusal.Errors, static error => Assert.NotEmpty(error.Value));
        Assert.Contains("workers: ", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_endpoint_is_enabled_disabled_rotated_tested_and_deleted()
    {
        var made = await Endpoints.CreateAsync(OperatedMiddleware.Endpoint(), Waiting.Cancellation);

        Assert.Equal((false, DisabledReason.Operator), ((await Endpoints.DisableAsync(made.Id, Waiting.Cancellation)).Enabled, (await Endpoints.GetAsync(made.Id, Waiting.Cancellation)).DisabledReason));
        Assert.Equal(HealthState.Disabled, (await Endpoints.HealthAsync(made.Id, Waiting.Cancellation)).State);
        Assert.True((await Endpoints.EnableAsync(made.Id, Waiting.Cancellation)).Enabled);
        Assert.NotEqual(made.Secret, (await Endpoints.RotateSecretAsync(made.Id, Waiting.Cancellation)).Secret);
        Middleware.Service.Receiver.Status = 418;
        Assert.Equal(418, (await Endpoints.TestAsync(made.Id, Waiting.Cancellation)).StatusCode);
        await Endpoints.DeleteAsync(made.Id, EndpointOperations.AnyVersion, WaitingDeliveries.DeadLetter, Waiting.Cancellation);

        Assert.Equal(["default"], (await Endpoints.ListAsync(cancellationToken: Waiting.Cancellation)).Items.Select(static endpoint => endpoint.Id));
    }

    [Fact]
    public async Task All_endpoints_are_listed()
    {
        await Endpoints.CreateAsync(OperatedMiddleware.Endpoint("one"), Waiting.Cancellation);
        await Endpoints.CreateAsync(OperatedMiddleware.Endpoint("two"), Waiting.Cancellation);

        var names = await Endpoints.ListAllAsync(new() { Limit = 1 }, Waiting.Cancellation).Select(static endpoint => endpoint.Name).ToListAsync(Waiting.Cancellation);

        Assert.Equal(["one", "two"], names[1..].Order());
    }
}
