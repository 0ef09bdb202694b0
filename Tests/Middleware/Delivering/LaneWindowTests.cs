using CsCheck;
using Middleware.Delivering;
using Middleware.Events;

namespace Tests.Middleware.Delivering;

/// <summary>
/// The window over the streams of several writers: rows of one stream become visible in order, those of different streams in any. The first stream is that of this
/// replica, whose commits it offers. Of the others it learns later, and some are read for it. Each delivery is taken once, and in order within its stream.
/// A store with one writer has the first stream alone.
/// </summary>
public class LaneWindowTests
{
    private const int Streams = 4;

    // Written at once, but for a pause now and then; what is not visible yet is written within a minute.
    private static readonly Gen<Step[]> Steps = Gen.Select(
        Gen.Int[0, 8], Gen.Int[0, Streams - 1], Gen.Frequency((4, Gen.Int[1, 5]), (1, Gen.Int[1, 1_200])), static (kind, stream, count) => new Step(kind, stream, count)).Array[1, 80];

    [Theory]
    [InlineData(1)]
    [InlineData(Streams)]
    public void Each_delivery_is_taken_once_and_in_the_order_of_its_stream(int streams) => Gen.Select(Gen.Int[0, 2_500], Steps).Sample(
        (backlog, steps) =>
        {
            var run = new Run(streams);
            run.Write(stream: 1 % streams, backlog / 2);
            run.Write(stream: 2 % streams, backlog - (backlog / 2));
            run.Commit(1 % streams);
            run.Commit(2 % streams);
            run.ForgetNews();
            run.Refill();
            foreach (var step in steps)
            {
                run.Do(step with { Stream = step.Stream % streams });
            }

            run.Finish();
        },
        iter: 2_000);

    [Fact]
    public void A_first_row_of_a_stream_that_is_late_is_not_passed_over_by_its_second()
    {
        var run = new Run();
        run.Refill();
        run.ReadOn();
        run.Write(stream: 1, 1);
        run.Write(stream: 2, 1);
        run.Commit(2);
        run.Tell(2, 1);
        run.ReadOn();
        run.Write(stream: 0, 1);
        run.Commit(0);
        run.Tell(0, 1);
        run.Write(stream: 1, 1);
        run.Write(stream: 2, 1);
        run.Commit(2);
        run.Tell(2, 1);
        run.Ask();

        // Both become visible before the news of them.
        run.Commit(1);
        run.Read();
        run.Load();

        run.Finish();
    }

    [Fact]
    public void What_was_read_before_an_erasure_is_not_held_after_it()
    {
        var window = new LaneWindow(Priority.Low, new LaneBudget(), SequenceMarks.MostStreams);
        Assert.Null(window.Erasures);
        window.TryStartRefill();
        window.NextRead();
        window.Load(new PendingPage([], IsLast: true), []);
        Assert.Null(window.NextRead().Limit);
        var erasures = window.Erasures;
        Assert.NotNull(erasures);
        var (erased, next) = (Made.Delivery((1L << 22) | (1 << 16)), Made.Delivery((2L << 22) | (1 << 16)));

        window.Erase(new HashSet<long> { erased.Sequence });

        Assert.False(window.Offer(erased, erasures));
        Assert.False(window.Offer(next, erasures));
        Assert.False(window.TryPeek(out _));
        Assert.True(window.TryStartRefill());
        Assert.True(window.NextRead().After.IsPassedBy(next.Sequence));
    }

    private sealed record Step(int Kind, int Stream, int Count);

    private sealed class Run(int streams = Streams) : WindowRun(streams == 1 ? 1 : SequenceMarks.MostStreams)
    {
        private const int TimeShift = 22;
        private const int StreamShift = 16;
        private const int MostLate = 50_000;

        private readonly List<Delivery>[] _written = [.. Enumerable.Range(0, Streams).Select(static _ => new List<Delivery>())];
        private readonly int[] _committed = new int[Streams];
        private readonly int[] _told = new int[Streams];
        private long _now = 1_000_000;
        private List<Delivery> _readFor = [];
        private int? _erasures;

        protected override IEnumerable<Delivery> Committed => _written.SelectMany((rows, stream) => rows.Take(_committed[stream]));

        public void Do(Step step)
        {
            switch (step.Kind)
            {
                case 0: Write(step.Stream, step.Count); break;
                case 1: Commit(step.Stream); break;
                case 2: Write(step.Stream, step.Count); Commit(step.Stream); Tell(step.Stream, step.Count); break;
                case 3: Tell(step.Stream, step.Count); break;
                case 4: Pass(step.Count * 50); break;
                case 5: Step(); break;
                case 6: ReadFor(step.Stream, step.Count); break;
                case 7: OfferRead(); break;
                default: Take(step.Count); break;
            }
        }

        /// <summary>Writes rows that nobody sees yet.</summary>
        public void Write(int stream, int count)
        {
            for (; count > 0; count--)
            {
                Pass(1);
                _written[stream].Add(Made.Delivery((_now << TimeShift) | ((long)stream << StreamShift)));
            }
        }

        public void Commit(int stream) => _committed[stream] = _written[stream].Count;

        /// <summary>Makes the window as of a new lane: no news of what is committed reaches it.</summary>
        public void ForgetNews() => _committed.CopyTo(_told, 0);

        /// <summary>Offers commits of its own stream one by one; of the others it learns the last.</summary>
        public void Tell(int stream, int count)
        {
            OfferRead();
            var end = Math.Min(_committed[stream], _told[stream] + count);
            for (; stream == 0 && _told[0] < end; _told[0]++)
            {
                Offer(_written[0][_told[0]]);
            }

            if (_told[stream] < end)
            {
                Window.NoteQueued(_written[stream][end - 1].Sequence);
                _told[stream] = end;
            }

            Refill();
        }

        /// <summary>Reads what another replica committed for the window, which may change before it is offered.</summary>
        public void ReadFor(int stream, int count)
        {
            OfferRead();
            var end = Math.Min(_committed[stream], _told[stream] + count);
            if (stream > 0 && _told[stream] < end)
            {
                (_erasures, _readFor) = (Window.Erasures, _written[stream][_told[stream]..end]);
                _told[stream] = end;
            }
        }

        /// <summary>Offers what was read for it, and has it read what it did not take.</summary>
        public void OfferRead()
        {
            var (erasures, read) = (_erasures, _readFor);
            (_erasures, _readFor) = (null, []);
            if (erasures is not null)
            {
                read.ForEach(row => Offer(row, erasures));
            }

            if (read is [.., var last])
            {
                Window.NoteQueued(last.Sequence);
                Refill();
            }
        }

        /// <summary>Comes to the end: then nothing is missing.</summary>
        public void Finish()
        {
            for (var stream = 0; stream < Streams; stream++)
            {
                Commit(stream);
                Tell(stream, int.MaxValue / 2);
            }

            Drain();
            Assert.Equal(_written.SelectMany(static rows => rows).Select(static row => row.Sequence).Order(), Taken.Order());
            Assert.All(Taken.GroupBy(static sequence => sequence >> StreamShift & 63), static stream => Assert.Equal(stream.Order(), stream));
        }

        /// <summary>Lets time pass. Nothing stays invisible for more than a minute.</summary>
        private void Pass(int milliseconds)
        {
            _now += milliseconds;
            for (var stream = 0; stream < Streams; stream++)
            {
                if (_committed[stream] < _written[stream].Count && (_written[stream][_committed[stream]].Sequence >> TimeShift) < _now - MostLate)
                {
                    Commit(stream);
                }
            }
        }
    }
}
