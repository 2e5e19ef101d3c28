namespace Middlebox.Interceptor.HostRole;

/// <summary>What became of a host's own connections that were to go over a proxy; counted by one thread, any may read.</summary>
public sealed class HostProxyCounters
{
    private long _sent;
    private long _answered;
    private long _refusedByProxy;
    private long _serverRefused;
    private long _unanswered;
    private long _direct;
    private long _joined;
    private long _failures;

    /// <summary>Connections that went to the proxy.</summary>
    public long Sent => Volatile.Read(ref _sent);

    /// <summary>Those whose servers have answered.</summary>
    public long Answered => Volatile.Read(ref _answered);

    /// <summary>Those that were answered by a reset or an error of the proxy, and went directly after that unless they were to be refused.</summary>
    public long RefusedByProxy => Volatile.Read(ref _refusedByProxy);

    /// <summary>Those whose servers have refused, as the converter says.</summary>
    public long ServerRefused => Volatile.Read(ref _serverRefused);

    /// <summary>Those that were not answered.</summary>
    public long Unanswered => Volatile.Read(ref _unanswered);

    /// <summary>Connections that did not go to the proxy, although a rule says so: it had not answered, or there was no room.</summary>
    public long Direct => Volatile.Read(ref _direct);

    /// <summary>Subflows that this host opened to the server itself, where the proxy has announced it.</summary>
    public long Joined => Volatile.Read(ref _joined);

    /// <summary>Packets that passed because the code failed on them.</summary>
    public long Failures => Volatile.Read(ref _failures);

    internal void CountSent() => Volatile.Write(ref _sent, _sent + 1);

    internal void CountAnswered() => Volatile.Write(ref _answered, _answered + 1);

    internal void CountRefusedByProxy() => Volatile.Write(ref _refusedByProxy, _refusedByProxy + 1);

    internal void CountServerRefused() => Volatile.Write(ref _serverRefused, _serverRefused + 1);

    internal void CountUnanswered() => Volatile.Write(ref _unanswered, _unanswered + 1);

    internal void CountDirect() => Volatile.Write(ref _direct, _direct + 1);

    internal void CountJoined() => Volatile.Write(ref _joined, _joined + 1);

    internal void CountFailure() => Volatile.Write(ref _failures, _failures + 1);
}
