namespace Middlebox.Lab.Emulation;

/// <summary>How fast packets leave a queue, as a function of time that is known beforehand.</summary>
internal interface ILinkCapacity
{
    /// <summary>When a packet has left the queue.</summary>
    /// <param name="beginNanoseconds">When its turn comes; never less than what the call before returned.</param>
    /// <param name="bytes">Its length.</param>
    /// <returns><see cref="LinkClock.Never"/> if it never leaves.</returns>
    long Finish(long beginNanoseconds, int bytes);

    /// <summary>Lets the function of time begin anew.</summary>
    void Start(long nowNanoseconds);
}
