using Middlebox.Native;
using Middlebox.Negotiation.Addresses;

namespace Middlebox.Interceptor.Tracking;

/// <summary>The kernel's table of connections. The seam that lets its users be tested without one.</summary>
internal interface IConnectionTracking
{
    /// <summary>Makes an entry for a connection whose first packet is about to pass, which is translated by it from then on.</summary>
    /// <param name="flow">The connection, as that packet has it.</param>
    /// <param name="source">The address that the other side is to see; null for no change. The port stays if it can.</param>
    /// <param name="destination">Where its packets are to go instead; null for no change.</param>
    /// <param name="mark">The entry's mark.</param>
    /// <returns>EEXIST if there is one already.</returns>
    Errno Create(in FlowKey flow, HostAddress? source, HostEndpoint? destination, uint mark);

    /// <summary>
    /// Makes an entry for a connection of this host whose beginning was tracked as another's, so that its packets count as those of one that lives, are not translated,
    /// and no other connection gets its port.
    /// </summary>
    /// <param name="flow">The connection as this host sees it.</param>
    /// <param name="mark">The entry's mark.</param>
    /// <returns>EEXIST if there is one already.</returns>
    Errno CreateBegun(in FlowKey flow, uint mark);

    /// <summary>Changes the bits of an entry's mark that are the box's.</summary>
    void Mark(in FlowKey flow, uint mark);

    /// <summary>Has the kernel judge no segment of a connection by the windows that were told before: it is not going to see them all.</summary>
    /// <returns>Whether it does so.</returns>
    bool TryTrust(in FlowKey flow);

    /// <summary>Forgets a connection: packets of it are no longer translated.</summary>
    void Delete(in FlowKey flow);

    /// <summary>What the kernel knows of a connection; false if nothing.</summary>
    bool TryFind(in FlowKey flow, out ConntrackEntry entry);
}
