using Middlebox.Native;

namespace Middlebox.ProxyEngine.Relay;

/// <summary>Where a relay thread gets its flows from and reports their end. Called by the relay threads.</summary>
internal interface IFlowSource
{
    /// <summary>
    /// Accepts one connection and completes it towards the server. False if none waits; true without a flow if one was
    /// accepted and came to nothing.
    /// </summary>
    bool TryAccept(FileDescriptor listener, out Flow? flow);

    void Ended(Flow flow, FlowEnd end);
}
