using Middlebox.Negotiation.Addresses;

namespace Middlebox.Interceptor.FastPath;

/// <summary>A shorter way than rules for the segments of relayed connections. The seam that lets its user be tested without a kernel.</summary>
internal interface IRelayFastPath
{
    /// <summary>From now on segments of this connection, both ways, take it, until the connection ends. The kernel must translate them the same way, and not judge them by windows.</summary>
    /// <param name="addressed">The client, and the box's address and port that it is connected to.</param>
    /// <param name="translated">The client as the server sees it, and the server.</param>
    void Carry(in FlowKey addressed, in FlowKey translated);

    /// <summary>To be called some ten times a second.</summary>
    void Round();
}
