namespace Middlebox.ProxyEngine.Relay;

/// <summary>
/// The flows of one relay thread by number, so that an event finds its flow without a look-up. A number is given again
/// only after <see cref="Recycle"/>, when no event can name it any more.
/// </summary>
internal sealed class FlowSlots
{
    private readonly Stack<int> _free = new();
    private Flow?[] _flows = new Flow?[64];
    private int _used;

    /// <summary>The flow at a number, if there is one now.</summary>
    public Flow? this[int slot] => _flows[slot];

    public void Add(Flow flow)
    {
        if (!_free.TryPop(out var slot))
        {
            slot = _used++;
            if (slot == _flows.Length)
                Array.Resize(ref _flows, 2 * _flows.Length);
        }

        flow.Slot = slot;
        _flows[slot] = flow;
    }

    /// <summary>Takes a flow out; its number stays reserved.</summary>
    public void Vacate(Flow flow) => _flows[flow.Slot] = null;

    public void Recycle(Flow flow) => _free.Push(flow.Slot);

    public Enumerator GetEnumerator() => new(_flows);

    /// <summary>Goes through the flows; the current one may be vacated meanwhile.</summary>
    public struct Enumerator(Flow?[] flows)
    {
        private int _next;

        public Flow Current { get; private set; } = null!;

        public bool MoveNext()
        {
            while (_next < flows.Length)
            {
                if (flows[_next++] is { } flow)
                {
                    Current = flow;
                    return true;
                }
            }

            return false;
        }
    }
}
