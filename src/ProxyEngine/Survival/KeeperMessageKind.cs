namespace Middlebox.ProxyEngine.Survival;

/// <summary>The words between a daemon and its keeper. A new version of the one may meet an old one of the other, so they never change.</summary>
public enum KeeperMessageKind : uint
{
    /// <summary>The descriptors that come with it are held under its number: please hold them, or, to a new daemon, here they are.</summary>
    Hold = 1,

    /// <summary>To the keeper: what is held under the number can go.</summary>
    Release = 2,

    /// <summary>To the keeper: the daemon serves.</summary>
    Serving = 3,

    /// <summary>To the daemon: that was all. The number is how many daemons there have been before.</summary>
    Complete = 4,

    /// <summary>To the keeper: the daemon is about to end, for another one to go on.</summary>
    Retiring = 5,

    /// <summary>
    /// To the daemon, before all was handed over: the keeper stands in for a daemon that stands still. To the keeper, if it has said so: the
    /// descriptors are the socket of the queue with this number and the memory where the packets are counted that pass, as long as nobody takes them.
    /// </summary>
    StandIn = 6,

    /// <summary>
    /// To the keeper, if it has said <see cref="StandIn"/>: the daemon goes round. If it does not say so again in as many seconds as the number is, it
    /// is to be replaced; 0 is for ever.
    /// </summary>
    Living = 7,

    /// <summary>
    /// To the keeper: a step of the start is done, and the next one may take as long as one that hangs is given. A keeper that does not know the word goes
    /// on counting.
    /// </summary>
    Starting = 8,
}
