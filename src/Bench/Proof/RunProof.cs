using Middlebox.Bench.Load;
using Middlebox.Bench.Ways;

namespace Middlebox.Bench.Proof;

/// <summary>
/// Whether a run measured what it says. A proxy that does not run lets connections pass, and then a benchmark of it measures the kernel's
/// forwarding; so each run is judged by what the kernels of client, middle and server, the box and the server program have counted.
/// </summary>
internal static class RunProof
{
    /// <summary>What speaks against a run; empty if nothing does.</summary>
    /// <param name="way">The way that was to be measured.</param>
    /// <param name="before">Counters before the run.</param>
    /// <param name="after">Counters after it.</param>
    /// <param name="load">What client and server programs saw.</param>
    public static IReadOnlyList<string> Faults(Way way, Observation before, Observation after, LoadEvidence load)
    {
        var client = after.Client - before.Client;
        var middle = after.Middle - before.Middle;
        var server = after.Server - before.Server;
        var flows = load.Client.Count;
        List<string> faults = [];
        Require(flows > 0, "no connection was completed");
        Require(load.Failures == 0, $"{load.Failures} connections failed{(load.FirstFailure is null ? "" : $": {load.FirstFailure}")}");
        Require(load.Client == load.Server,
            $"the server saw {load.Server.Count} connections, or not from the addresses and ports of the client's {flows}");
        switch (way.Treatment)
        {
            case Treatment.Proxied:
                Require(client.SynAckReceived >= flows, $"the client spoke MPTCP on {client.SynAckReceived} of {flows} connections");
                Require(middle.AckReceived >= flows, $"MPTCP ended at {way.Middle} for {middle.AckReceived} of {flows} connections");
                Require(server.AckReceived == 0, $"the server spoke MPTCP on {server.AckReceived} connections");
                break;
            case Treatment.EndToEnd:
                Require(client.SynAckReceived >= flows, $"the client spoke MPTCP on {client.SynAckReceived} of {flows} connections");
                Require(middle.AckReceived == 0, $"MPTCP ended at {way.Middle} for {middle.AckReceived} connections");
                Require(server.AckReceived >= flows, $"the server spoke MPTCP on {server.AckReceived} of {flows} connections");
                break;
            case Treatment.Plain:
                Require(client.SynSent == 0, $"the client offered MPTCP on {client.SynSent} connections");
                Require(middle.AckReceived == 0, $"MPTCP ended at {way.Middle} for {middle.AckReceived} connections");
                break;
        }

        if (way.CrossesBox)
            RequireOfBox(after.Box - before.Box);
        return faults;

        void RequireOfBox(BoxDecisions box)
        {
            if (way.Treatment == Treatment.Proxied)
                Require(box.Adopted >= flows, $"the box adopted {box.Adopted} of {flows} connections");
            else
                Require(box.Adopted == 0, $"the box adopted {box.Adopted} connections");
            if (way.Treatment == Treatment.EndToEnd)
                Require(box.SteppedOut >= flows, $"the box stepped out of {box.SteppedOut} of {flows} connections");
        }

        void Require(bool holds, string fault)
        {
            if (!holds)
                faults.Add(fault);
        }
    }
}
