using Microsoft.AspNetCore.Http.HttpResults;
using Middleware.Events;
using ServiceDefaults.Bodies;

namespace Middleware.Http;

/// <summary>
/// The room that answers may take in the process until their readers have them, in bytes: a reader may take its time. It is an eighth of the memory that
/// the process may have, from 32 MiB to 1 GiB.
/// </summary>
internal sealed class AnswerBudget(long most) : ByteBudget(most)
{
    private const int Least = 32 << 20;
    private const int Most = 1 << 30;
    private const int ShareOfMemory = 8;

    // A short answer is read, or as good as read, at once.
    private const int FreeBytes = 16 << 10;
    private const string RetryAfterSeconds = "1";

    public static AnswerBudget Create() => new(MostOf(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes));

    internal static long MostOf(long availableBytes) => Math.Clamp(availableBytes / ShareOfMemory, Least, Most);

    /// <summary>Passes an answer on once there is room for it, which it has until the request ends; else answers 503.</summary>
    public static async ValueTask<object?> HoldAsync(EndpointFilterInvocationContext invocation, EndpointFilterDelegate next)
    {
        var (result, http) = (await next(invocation), invocation.HttpContext);
        var bytes = BytesOf((result as INestedHttpResult)?.Result ?? result);
        if (bytes <= FreeBytes)
        {
            return result;
        }

        var budget = http.RequestServices.GetRequiredService<AnswerBudget>();
        if (!budget.TryTake(bytes))
        {
            http.Response.Headers.RetryAfter = RetryAfterSeconds;
            return ApiProblems.Problem(
                StatusCodes.Status503ServiceUnavailable,
                "Too much is asked for at once.",
                "The answers that wait for their readers take all the room there is. Ask again later, or for a smaller page.");
        }

        http.Response.RegisterForDispose(new Room(budget, bytes));
        return result;
    }

    private static long BytesOf(object? result) => result switch
    {
        IValueHttpResult { Value: IHeldAnswer answer } => answer.Bytes,
        FileContentHttpResult file => file.FileContents.Length,
        _ => 0,
    };

    private sealed class Room(AnswerBudget budget, long bytes) : IDisposable
    {
        public void Dispose() => budget.GiveBack(bytes);
    }
}

internal static class HeldAnswers
{
    /// <summary>Gives a route's answers room of the <see cref="AnswerBudget"/>.</summary>
    public static RouteHandlerBuilder HoldsItsAnswer(this RouteHandlerBuilder route) => route
        .AddEndpointFilter(AnswerBudget.HoldAsync)
        .Refuses(StatusCodes.Status503ServiceUnavailable, "The store is not available, or too many answers wait for their readers.");
}
