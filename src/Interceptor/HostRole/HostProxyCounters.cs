using Middlebox.Negotiation;

namespace Middlebox.Interceptor.HostRole;

/// <summary>What became of a host's own connections that were to go over a proxy; counted by one thread, any may read.</summary>
public sealed class HostProxyCounters
{
    /// <summary>Connections that went to the proxy.</summary>
    public EventCounter Sent { get; } = new();

    /// <summary>Those whose servers have answered.</summary>
    public EventCounter Answered { get; } = new();

    /// <summary>Those that were answered by a reset or an error of the proxy, and went directly after that unless they were to be refused.</summary>
    public EventCounter RefusedByProxy { get; } = new();

    /// <summary>Those whose servers have refused, as the converter says.</summary>
    public EventCounter ServerRefused { get; } = new();

    /// <summary>Those that were not answered.</summary>
    public EventCounter Unanswered { get; } = new();

    /// <summary>Connections that did not go to the proxy, although a rule says so: it had not answered, or there was no room.</summary>
    public EventCounter Direct { get; } = new();

    /// <summary>Subflows that this host opened to the server itself, where the proxy has announced it.</summary>
    public EventCounter Joined { get; } = new();

    /// <summary>Packets that passed because the code failed on them.</summary>
    public EventCounter Failures { get; } = new();
}
