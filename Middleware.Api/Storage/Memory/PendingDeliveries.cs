using Middleware.Domain;
using Middleware.UseCases;

namespace Middleware.Storage.Memory;

/// <summary>What is owed to one endpoint, by priority and in order of sequence.</summary>
internal sealed class PendingDeliveries
{
    public static readonly PendingPage Nothing = new([], IsLast: true);

    private readonly SequencedQueue[] _byPriority = [new(), new(), new(), new()];

    public int Count { get; private set; }

    /// <summary>When the first delivery failed since one succeeded; null while none did.</summary>
    public DateTimeOffset? FailingSince { get; set; }

    /// <summary>When the oldest was accepted; null when there is none.</summary>
    public DateTimeOffset? OldestAcceptedAt => _byPriority.Min(static deliveries => deliveries.First?.Event.AcceptedAt);

    public void Add(Delivery delivery)
    {
        _byPriority[(int)delivery.Priority].Add(delivery);
        Count++;
    }

    /// <summary>Nothing for one that has ended already. What goes on is in its lane, with what it has spent: it is not read again.</summary>
    public void Record(Delivery delivery, Attempt attempt, DeliveryOutcome outcome)
    {
        var deliveries = _byPriority[(int)delivery.Priority];
        if (outcome.Kind == OutcomeKind.Pending ? deliveries.Contains(delivery.Sequence) : deliveries.Remove(delivery.Sequence))
        {
            Count -= outcome.Kind == OutcomeKind.Pending ? 0 : 1;
            FailingSince = attempt.IsDelivered ? null : FailingSince ?? attempt.StartedAt;
        }
    }

    /// <summary>Reads a page; there are neither retries nor replays of what is not kept.</summary>
    public PendingPage Read(Priority priority, long afterSequence, PageLimit limit) =>
        priority == Priority.Background ? Nothing : _byPriority[(int)priority].Read(afterSequence, limit);

    /// <summary>A ring in order of sequence. Most deliveries end near its head, so an entry is emptied in place and the head moves past it.</summary>
    private sealed class SequencedQueue
    {
        private (long Sequence, Delivery? Delivery)[] _entries = [];
        private int _head;
        private int _count;

        /// <summary>Never one that has ended: the head moves past those.</summary>
        public Delivery? First => _count == 0 ? null : At(0).Delivery;

        public void Add(Delivery delivery)
        {
            if (_count == _entries.Length)
            {
                Grow();
            }

            At(_count++) = (delivery.Sequence, delivery);
        }

        public bool Contains(long sequence) => IndexOf(sequence) >= 0;

        public bool Remove(long sequence)
        {
            var index = IndexOf(sequence);
            if (index < 0)
            {
                return false;
            }

            At(index).Delivery = null;
            while (_count > 0 && At(0).Delivery is null)
            {
                _head = (_head + 1) % _entries.Length;
                _count--;
            }

            return true;
        }

        public PendingPage Read(long afterSequence, PageLimit limit)
        {
            var found = new List<Delivery>();
            var bytes = 0L;
            var index = IndexAfter(afterSequence);
            for (; index < _count && found.Count < limit.Count && (bytes < limit.Bytes || found.Count == 0); index++)
            {
                if (At(index).Delivery is { } delivery)
                {
                    found.Add(delivery);
                    bytes += delivery.HeldBytes;
                }
            }

            return new PendingPage(found, IsLast: index == _count);
        }

        private ref (long Sequence, Delivery? Delivery) At(int index) => ref _entries[(_head + index) % _entries.Length];

        /// <summary>Negative for one that has ended.</summary>
        private int IndexOf(long sequence)
        {
            var index = IndexAfter(sequence - 1);
            return index < _count && At(index).Sequence == sequence && At(index).Delivery is not null ? index : -1;
        }

        private int IndexAfter(long sequence)
        {
            var (low, high) = (0, _count);
            while (low < high)
            {
                var middle = (low + high) >>> 1;
                if (At(middle).Sequence <= sequence)
                {
                    low = middle + 1;
                }
                else
                {
                    high = middle;
                }
            }

            return low;
        }

        /// <summary>Leaves out what ended behind a delivery that takes long, so that one that hangs does not make the ring grow.</summary>
        private void Grow()
        {
            var live = Read(long.MinValue, new PageLimit(_count, long.MaxValue)).Deliveries;
            _entries = new (long, Delivery?)[Math.Max(16, live.Count * 2)];
            (_head, _count) = (0, 0);
            foreach (var delivery in live)
            {
                At(_count++) = (delivery.Sequence, delivery);
            }
        }
    }
}
