using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;
using Middleware.Http;

namespace Middleware.Callers;

/// <summary>The API keys of callers. A change is in force when it is answered.</summary>
internal static class KeyRoutes
{
    private const string Path = "/api/v1/keys";

    public static void MapKeys(this IEndpointRouteBuilder routes)
    {
        var keys = routes.MapGroup(Path).WithTags("Keys").Needs(Scopes.Admin).SeesChanges(static services => services.GetRequiredService<ManageKeys>().FollowAsync());
        keys.MapGet("", List).HoldsItsAnswer();
        keys.MapPost("", Create).TakesJson(KeyBody.Whole).Shows(201, HeaderNames.Location).Refuses(409, "There are 10,000 keys.").Refuses(503);
        keys.MapGet("/{key_id}", Get).Refuses(404);
        keys.MapDelete("/{key_id}", Revoke).TakesNothing().Refuses(404).Refuses(503);
        keys.MapPost("/{key_id}/rotate", Rotate).TakesJson(KeyBody.Rotation, new JsonRule { IsOptional = true }).Refuses(404).Refuses(503);
    }

    /// <summary>Lists the keys, oldest first, without their texts.</summary>
    private static Ok<ListPage<KeyItem>> List(KeyRing ring) =>
        TypedResults.Ok(new ListPage<KeyItem>([.. ring.All.Select(static caller => new KeyItem(caller))], NextCursor: null));

    /// <summary>Makes a key. Only this answer shows its text; the service keeps a digest of it.</summary>
    private static async Task<Results<Created<KeyItem>, ValidationProblem, ProblemHttpResult>> Create(HttpContext context, ManageKeys manage, TimeProvider clock)
    {
        var given = RequestReader.Of(context);
        var order = KeyBody.Read(given, clock.GetUtcNow());
        if (given.Refusal() is { } refusal)
        {
            return refusal;
        }

        return await manage.AddAsync(order!, context.Actor()) is var (made, text)
            ? TypedResults.Created($"{Path}/{made.Key.Id}", new KeyItem(made, text))
            : ApiProblems.Conflict("There are too many keys.", $"There are {ManageKeys.Most} keys, as many as there may be: revoke those that nobody uses.");
    }

    /// <summary>Shows a key, without its text.</summary>
    private static Results<Ok<KeyItem>, ProblemHttpResult> Get(string key_id, KeyRing ring) =>
        ring.Find(key_id) is { } known ? TypedResults.Ok(new KeyItem(known)) : Unknown(key_id);

    /// <summary>Revokes a key: the next request with it is refused, on an open connection too.</summary>
    private static async Task<Results<NoContent, ProblemHttpResult>> Revoke(string key_id, HttpContext context, ManageKeys manage) =>
        await manage.RemoveAsync(key_id, context.Actor()) ? TypedResults.NoContent() : Unknown(key_id);

    /// <summary>Gives a key another text, which only this answer shows. The old one is good until <c>overlap</c> has passed; without it, no longer.</summary>
    private static async Task<Results<Ok<KeyItem>, ValidationProblem, ProblemHttpResult>> Rotate(string key_id, HttpContext context, ManageKeys manage)
    {
        var given = RequestReader.Of(context);
        var overlap = KeyBody.ReadOverlap(given);
        if (given.Refusal() is { } refusal)
        {
            return refusal;
        }

        return await manage.RotateAsync(key_id, overlap, context.Actor()) is var (rotated, text)
            ? TypedResults.Ok(new KeyItem(rotated, text))
            : Unknown(key_id);
    }

    private static ProblemHttpResult Unknown(string id) => ApiProblems.NotFound("The key is not known.", $"There is no key \"{id}\": it never was, or was revoked.");
}
