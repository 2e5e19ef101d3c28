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
}
