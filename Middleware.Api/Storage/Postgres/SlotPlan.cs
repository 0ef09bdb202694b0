using System.Buffers.Binary;
using System.Globalization;
using System.IO.Hashing;
using System.Text;
using Middleware.Endpoints;
using Middleware.Events;

namespace Middleware.Storage.Postgres;

/// <summary>
/// The owner of each slot, by the members alone. Replicas that see the same members and weights decide the same, without a word between them. It is
/// rendezvous hashing with a bound on the load of each, so that few slots move when a member comes or goes.
/// </summary>
internal static class SlotPlan
{
    /// <summary>The number of slots, which each store has fixed: each lane is in one.</summary>
    public const int Slots = 256;

    /// <summary>The load above an even share that a member may have, so that a small change moves no slots.</summary>
    private const double Slack = 1.1;

    /// <summary>The slot of the lane of an endpoint, or of a shard.</summary>
    public static int SlotOf(EndpointId endpoint, int shard = 0)
    {
        var name = shard == 0 ? endpoint.Value : string.Create(CultureInfo.InvariantCulture, $"{endpoint.Value}/{shard}");
        return (int)(XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(name)) % Slots);
    }

    /// <summary>The lanes in each slot.</summary>
    public static int[] WeightsOf(IEnumerable<WebhookEndpoint> endpoints)
    {
        var weights = new int[Slots];
        foreach (var endpoint in endpoints)
        {
            for (var shard = 0; shard < endpoint.Layout.Shards; shard++)
            {
                weights[SlotOf(endpoint.Id, shard)]++;
            }
        }

        return weights;
    }

    /// <summary>The index of the member that is to own each slot.</summary>
    /// <param name="members">Names of the members, each once, in any order; at least one.</param>
    /// <param name="weights">The lanes in each slot.</param>
    public static int[] Decide(IReadOnlyList<string> members, ReadOnlySpan<int> weights)
    {
        var owners = new int[Slots];
        var loads = new double[members.Count];
        var all = new double[Slots];
        var total = 0.0;
        for (var slot = 0; slot < Slots; slot++)
        {
            // An empty slot weighs little, so that they are spread too.
            all[slot] = weights[slot] + (1.0 / Slots);
            total += all[slot];
        }

        var most = total / members.Count * Slack;
        foreach (var slot in Enumerable.Range(0, Slots).OrderByDescending(slot => all[slot]).ThenBy(static slot => slot))
        {
            var owner = Enumerable.Range(0, members.Count).OrderByDescending(member => Score(members[member], slot)).FirstOrDefault(member => loads[member] + all[slot] <= most, -1);
            owner = owner >= 0 ? owner : Enumerable.Range(0, members.Count).OrderBy(member => loads[member]).ThenByDescending(member => Score(members[member], slot)).First();
            owners[slot] = owner;
            loads[owner] += all[slot];
        }

        return owners;
    }

    private static ulong Score(string member, int slot)
    {
        var bytes = new byte[Encoding.UTF8.GetByteCount(member) + sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, slot);
        Encoding.UTF8.GetBytes(member, bytes.AsSpan(sizeof(int)));
        return XxHash3.HashToUInt64(bytes);
    }
}
