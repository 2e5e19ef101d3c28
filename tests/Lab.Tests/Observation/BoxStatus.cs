using System.Text.Json;

namespace Middlebox.Lab.Tests.Observation;

/// <summary>What <c>middlebox status --json</c> has said, by the names of its contract.</summary>
public sealed class BoxStatus(JsonElement json)
{
    public string Mode => json.GetProperty("mode").GetString()!;

    /// <summary>Contexts kept at that moment.</summary>
    public long Contexts => json.GetProperty("contexts").GetProperty("current").GetInt64();

    public long ContextsCreated => json.GetProperty("contexts").GetProperty("created").GetInt64();

    public long ActiveFlows => json.GetProperty("flows").GetProperty("active").GetInt64();

    public long TotalFlows => json.GetProperty("flows").GetProperty("total").GetInt64();

    /// <summary>Server ports that were listened on.</summary>
    public long Listeners => json.GetProperty("packets").GetProperty("listeners").GetInt64();

    /// <summary>Packets that were queued to the box.</summary>
    public long Queued => json.GetProperty("packets").GetProperty("received").GetInt64();

    /// <summary>Packets on which its code has failed.</summary>
    public long Failures => json.GetProperty("packets").GetProperty("failures").GetInt64();

    /// <summary>Whether the box held nothing of any connection.</summary>
    public bool IsIdle => Contexts == 0 && ActiveFlows == 0;

    public long Released(string reason) => Count(json.GetProperty("contexts").GetProperty("released"), reason);

    public long Bypassed(string reason) => Count(json.GetProperty("bypassed"), reason);

    public long Claims(string reason) => Count(json.GetProperty("claims"), reason);

    public long Ended(string how) => Count(json.GetProperty("flows").GetProperty("ended"), how);

    public override string ToString() => json.ToString();

    private static long Count(JsonElement counts, string name) =>
        counts.TryGetProperty(name, out var count) ? count.GetInt64() : 0;
}
