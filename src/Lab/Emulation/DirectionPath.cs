namespace Middlebox.Lab.Emulation;

/// <summary>The way of packets from one device to the other: read, judged, kept until their time, written. Used by one thread.</summary>
internal sealed class DirectionPath(EmulatedDevice from, EmulatedDevice to, LinkDirection direction, PacketSlots slots)
{
    // So that neither direction waits long for the other.
    private const int PacketsAtATime = 32;

    private readonly DelayLine _line = new();

    /// <summary>When the next packet arrives.</summary>
    public long NextNanoseconds => _line.NextNanoseconds;

    /// <summary>Lets the time line begin.</summary>
    public void Start(long nowNanoseconds) => direction.Start(nowNanoseconds);

    /// <summary>Takes what was sent.</summary>
    /// <param name="clock">Read for each packet.</param>
    /// <param name="count">Packets that were taken.</param>
    /// <returns>False if the device is gone.</returns>
    public bool Receive(LinkClock clock, out int count)
    {
        for (count = 0; count < PacketsAtATime; count++)
        {
            // Without a slot what is sent waits in the device, whose queue is limited.
            var slot = slots.Take();
            if (slot < 0)
                return true;
            var lives = from.TryReceive(slots.Buffer(slot), out var bytes);
            if (bytes == 0)
            {
                slots.Return(slot);
                return lives;
            }

            slots.SetLength(slot, bytes);
            Judge(slot, bytes, clock.NowNanoseconds);
        }

        return true;
    }

    /// <summary>Delivers what has arrived by now.</summary>
    public void Deliver(LinkClock clock)
    {
        while (_line.TryTake(clock.NowNanoseconds, out var slot))
        {
            to.Deliver(slots.Packet(slot));
            slots.Return(slot);
        }
    }

    private void Judge(int slot, int bytes, long nowNanoseconds)
    {
        if (direction.Send(nowNanoseconds, bytes, out var arrival, out var isDoubled) != PacketFate.Delivered)
        {
            slots.Return(slot);
            return;
        }

        _line.Add(slot, arrival);
        if (isDoubled && slots.Copy(slot) is >= 0 and var copy)
            _line.Add(copy, arrival);
    }
}
