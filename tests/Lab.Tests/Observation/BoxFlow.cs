using System.Text.Json;

namespace Middlebox.Lab.Tests.Observation;

/// <summary>One connection as <c>middlebox flows --json</c> has listed it, by the names of its contract.</summary>
public sealed class BoxFlow(JsonElement json)
{
    public string Client => json.GetProperty("client").GetString()!;

    public string Server => json.GetProperty("server").GetString()!;

    public bool IsMptcp => json.GetProperty("mptcp").GetBoolean();

    public string Reason => json.GetProperty("reason").GetString()!;

    public long BytesUp => json.GetProperty("bytesUp").GetInt64();

    public long BytesDown => json.GetProperty("bytesDown").GetInt64();

    /// <summary>The claim by which the box was chosen; null if it acts by the implicit scheme.</summary>
    public (int ProxyId, int Preference)? Claim => json.GetProperty("claim") is { ValueKind: JsonValueKind.Object } claim
        ? (claim.GetProperty("proxyId").GetInt32(), claim.GetProperty("preference").GetInt32())
        : null;

    /// <summary>Local and remote address of each subflow, from the box.</summary>
    public IReadOnlyList<(string Local, string Remote)> Subflows =>
        [.. json.GetProperty("subflows").EnumerateArray().Select(subflow =>
            (subflow.GetProperty("local").GetString()!, subflow.GetProperty("remote").GetString()!))];
}
