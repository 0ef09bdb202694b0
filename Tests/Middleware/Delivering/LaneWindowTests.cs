using CsCheck;
using Middleware.Events;

namespace Tests.Middleware.Delivering;

/// <summary>
/// The window takes each delivery in once and in order, however commits, the news of them, reads and takes interleave: rows can be read
/// before the window is told of them, and a page can be loaded long after it was read.
/// </summary>
public class LaneWindowTests
{
    private static readonly Gen<(int Kind, int Count)[]> Interleavings =
        Gen.Select(Gen.Int[0, 5], Gen.Frequency((3, Gen.Int[1, 5]), (2, Gen.Int[1, 1_500]))).Array[1, 60];

    [Fact]
    public void Each_delivery_is_taken_once_and_in_order() => Gen.Select(Gen.Int[0, 2_500], Interleavings).Sample(
        (backlog, steps) =>
        {
            var run = new Run();
            run.Commit(backlog);
            run.ForgetNews();
            foreach (var (kind, count) in steps)
            {
                run.Do(kind, count);
            }

            run.Finish();
        },
        iter: 200);

    [Fact]
    public void A_delivery_that_was_read_before_it_was_offered_is_not_taken_in_again()
    {
        var run = new Run();
        run.Commit(10);
        run.ReadOn();
        run.Tell(10);

        run.Finish();
    }

    [Fact]
    public void A_delivery_committed_between_the_read_and_its_loading_is_read_next()
    {
        var run = new Run();
        run.Commit(3);
        run.Tell(3);
        run.Ask();
        run.Read();
        run.Commit(2);
        run.Tell(2);
        run.Load();

        run.Finish();
    }

    private sealed class Run : WindowRun
    {
        private readonly List<Delivery> _rows = [];
        private int _told;

        public Run() => Refill();

        protected override IEnumerable<Delivery> Committed => _rows;

        public void Do(int kind, int count)
        {
            switch (kind)
            {
                case 0: Commit(count); break;
                case 1: Commit(count); Tell(count); break;
                case 2: Tell(count); break;
                case 3: ReadOn(); break;
                case 4: Step(); break;
                default: Take(count); break;
            }
        }

        public void Commit(int count)
        {
            // Sequences have gaps: the others are of other priorities.
            for (var number = 0; number < count; number++)
            {
                _rows.Add(Made.Delivery((3 * _rows.Count) + 1));
            }
        }

        /// <summary>Makes the window as of a new lane: no news of the pending deliveries reaches it.</summary>
        public void ForgetNews() => _told = _rows.Count;

        public void Tell(int count)
        {
            for (; count > 0 && _told < _rows.Count; count--)
            {
                Offer(_rows[_told++]);
            }
        }

        /// <summary>Comes to the end: then nothing is missing.</summary>
        public void Finish()
        {
            Tell(int.MaxValue);
            Drain();
            Assert.Equal(_rows.Select(row => row.Sequence), Taken);
        }
    }
}
