using CsCheck;
using Middleware.Delivering;
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

    private sealed class Run
    {
        private readonly LaneWindow _window = new(Priority.Low, new LaneBudget());
        private readonly List<Delivery> _rows = [];
        private readonly List<long> _taken = [];
        private int _told;
        private int _held;
        private bool _isRefilling;
        private (SequenceMarks After, PageLimit Limit)? _asked;
        private List<Delivery>? _page;

        public Run() => _isRefilling = _window.TryStartRefill();

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
                Hold(_window.Offer(_rows[_told++]) ? 1 : 0);
            }
        }

        /// <summary>The next step of a refill, if one is under way.</summary>
        public void Step()
        {
            if (_page is not null)
            {
                Load();
            }
            else if (_asked is not null)
            {
                Read();
            }
            else if (_isRefilling)
            {
                Ask();
            }
        }

        public void ReadOn()
        {
            do
            {
                Step();
            }
            while (_asked is not null);
        }

        public void Ask()
        {
            var (after, limit) = _window.NextRead();
            Assert.True(limit is null || limit.Value.Count <= LaneWindow.Size - _held);
            _isRefilling = limit is not null;
            _asked = limit is { } given ? (after, given) : null;
        }

        public void Read()
        {
            var (after, limit) = _asked!.Value;
            _page = [.. _rows.Where(row => after.IsPassedBy(row.Sequence)).Take(limit.Count)];
        }

        public void Load()
        {
            _window.Load(new PendingPage(_page!, IsLast: _page!.Count < _asked!.Value.Limit.Count), []);
            Hold(_page.Count);
            (_asked, _page) = (null, null);
        }

        public void Take(int count)
        {
            for (; count > 0 && _window.TryTake(out var delivery); count--)
            {
                _taken.Add(delivery.Sequence);
                _held--;
                if (_window.TryStartRefill())
                {
                    Assert.False(_isRefilling);
                    _isRefilling = true;
                }
            }
        }

        /// <summary>Lets all that was begun come to its end: then nothing is missing.</summary>
        public void Finish()
        {
            Tell(int.MaxValue);
            var before = -1;
            while (_isRefilling || _taken.Count > before)
            {
                before = _taken.Count;
                Step();
                Take(int.MaxValue);
            }

            Assert.Equal(_rows.Select(row => row.Sequence), _taken);
            Assert.Equal(0, _held);
        }

        private void Hold(int count)
        {
            _held += count;
            Assert.True(_held <= LaneWindow.Size);
        }
    }
}
