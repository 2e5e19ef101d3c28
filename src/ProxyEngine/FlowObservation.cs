using Middlebox.ProxyEngine.Paths;
using Middlebox.ProxyEngine.Relay;

namespace Middlebox.ProxyEngine;

/// <summary>What can be told of a flow that is being relayed. Any thread may ask.</summary>
internal static class FlowObservation
{
    public static FlowSnapshot Snapshot(Flow flow) => new(
        flow.Key,
        flow.IsMptcp,
        MptcpSocket.SubflowsOf(flow.MptcpLeg.Socket),
        flow.BytesUp,
        flow.BytesDown,
        flow.Reason,
        flow.Claim,
        flow.Since);

    /// <summary>A closer look, for an explanation.</summary>
    public static FlowExamination Examine(Flow flow) => new(
        Snapshot(flow),
        flow.Token,
        MptcpSocket.PathOf(flow.MptcpLeg.Socket, flow.Client.Socket, flow.Server.Socket),
        [.. MptcpSocket.ReadSubflows(flow.Client.Socket).Select(ExaminedSubflow.Of)],
        MptcpSocket.UnsentBytes(flow.Client.Socket),
        MptcpSocket.UnsentBytes(flow.Server.Socket));

    /// <summary>With what the kernel counts of its legs.</summary>
    public static FlowReading Read(Flow flow) => new(
        flow.Key,
        flow.Token,
        flow.Since,
        flow.BytesUp,
        flow.BytesDown,
        flow.IsMptcp ? MptcpSocket.ReadSubflows(flow.Client.Socket) : [],
        MptcpSocket.ReadLeg(flow.Client.Socket),
        MptcpSocket.ReadLeg(flow.Server.Socket),
        flow.Reason,
        flow.Claim is not null);
}
