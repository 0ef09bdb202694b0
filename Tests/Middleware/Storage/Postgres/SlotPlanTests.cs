using CsCheck;
using Middleware.Storage.Postgres;

namespace Tests.Middleware.Storage.Postgres;

/// <summary>The plan of slots: the same for all who see the same members, even, and steady.</summary>
public class SlotPlanTests
{
    private static readonly Gen<string[]> Members = Gen.String[Gen.Char.AlphaNumeric, 1, 12].HashSet[1, 8].Select(static names => names.ToArray());
    private static readonly Gen<int[]> Weights = Gen.Frequency((1, Gen.Const(0)), (3, Gen.Int[0, 3]), (1, Gen.Int[0, 500])).Array[SlotPlan.Slots];

    [Fact]
    public void Each_slot_has_one_owner_whatever_the_order_of_the_members() => Gen.Select(Members, Weights).Sample(static (members, weights) =>
    {
        var plan = Names(members, weights);
        var reversed = members.Reverse().ToArray();

        Assert.Equal(SlotPlan.Slots, plan.Length);
        Assert.Equal(plan, Names(reversed, weights));
    });

    [Fact]
    public void No_member_has_more_than_a_tenth_or_one_slot_beyond_an_even_share() => Gen.Select(Members, Weights).Sample(static (members, weights) =>
    {
        var plan = SlotPlan.Decide(members, weights);
        var even = (weights.Sum() + 1.0) / members.Length;

        for (var member = 0; member < members.Length; member++)
        {
            var load = Enumerable.Range(0, SlotPlan.Slots).Where(slot => plan[slot] == member).Sum(slot => weights[slot] + (1.0 / SlotPlan.Slots));
            Assert.InRange(load, 0, Math.Max(even * 1.1, even + weights.Max() + 1) + 0.001);
        }
    });

    [Fact]
    public void Few_slots_of_the_others_move_when_a_member_leaves() => Members.Where(static members => members.Length > 1).Sample(static members =>
    {
        var weights = Enumerable.Repeat(1, SlotPlan.Slots).ToArray();
        var (before, after) = (Names(members, weights), Names(members[1..], weights));

        var moved = Enumerable.Range(0, SlotPlan.Slots).Count(slot => before[slot] != members[0] && before[slot] != after[slot]);
        Assert.InRange(moved, 0, SlotPlan.Slots / 4);
    });

    [Fact]
    public void Members_that_come_and_go_agree_after_two_rounds() => Gen.Select(Members, Weights, Gen.Bool.Array[1, 40]).Sample(static (all, weights, changes) =>
    {
        var owners = new string?[SlotPlan.Slots];
        var present = new List<string>();
        for (var step = 0; step < changes.Length; step++)
        {
            var member = all[step % all.Length];
            if (present.Remove(member))
            {
                // One that is killed frees its slots at once, one that stops hands them over.
                owners = [.. owners.Select(owner => owner == member ? null : owner)];
            }
            else
            {
                present.Add(member);
            }

            if (changes[step])
            {
                Round(owners, present, weights);
            }
        }

        if (present.Count > 0)
        {
            Round(owners, present, weights);
            Round(owners, present, weights);
            Assert.Equal(Names([.. present], weights), owners);
        }
    });

    /// <summary>Has each member take what is free and meant for it, and give up what is meant for another.</summary>
    private static void Round(string?[] owners, List<string> present, int[] weights)
    {
        foreach (var member in present)
        {
            var plan = Names([.. present], weights);
            for (var slot = 0; slot < SlotPlan.Slots; slot++)
            {
                owners[slot] = plan[slot] == member ? owners[slot] ?? member : owners[slot] == member ? null : owners[slot];
            }
        }
    }

    private static string[] Names(string[] members, int[] weights) => [.. SlotPlan.Decide(members, weights).Select(owner => members[owner])];
}
