using Middlebox.ProxyEngine.Paths;

namespace Middlebox.ProxyEngine;

/// <summary>A connection that is relayed, looked at closely.</summary>
/// <param name="Flow">What <c>flows</c> tells of it.</param>
/// <param name="Token">Token that MP_JOINs for it carry; null without MPTCP.</param>
/// <param name="Path">What the kernel says of its legs.</param>
/// <param name="Subflows">The client's subflows; empty if it speaks plain TCP, or if one came or went just now.</param>
/// <param name="BytesForClient">Bytes that the kernel holds and has not sent to the client yet.</param>
/// <param name="BytesForServer">The same towards the server.</param>
public sealed record FlowExamination(FlowSnapshot Flow, uint? Token, PathSnapshot Path,
    IReadOnlyList<ExaminedSubflow> Subflows, long BytesForClient, long BytesForServer);
