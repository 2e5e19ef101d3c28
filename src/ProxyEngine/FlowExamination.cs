using Middlebox.ProxyEngine.Paths;

namespace Middlebox.ProxyEngine;

/// <summary>A connection that is relayed, looked at closely.</summary>
/// <param name="Flow">What <c>flows</c> tells of it.</param>
/// <param name="Token">Token that MP_JOINs for it carry; null without MPTCP.</param>
/// <param name="Path">What the kernel says of its legs.</param>
public sealed record FlowExamination(FlowSnapshot Flow, uint? Token, PathSnapshot Path);
