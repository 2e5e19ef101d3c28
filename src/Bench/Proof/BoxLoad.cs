using Middlebox.Lab;

namespace Middlebox.Bench.Proof;

/// <summary>How much the appliance has decided since it started, whatever it decided.</summary>
/// <param name="SynsDecided">SYNs for which it made a context or said why not.</param>
/// <param name="Failures">Packets that its code failed on.</param>
internal readonly record struct BoxLoad(long SynsDecided, long Failures)
{
    /// <summary>Reads it; connections may be undecided still.</summary>
    public static async Task<BoxLoad> ReadAsync(LabHost box, CancellationToken cancellation)
    {
        var status = await box.BoxStatusAsync(cancellation);
        var decided = status.GetProperty("contexts").GetProperty("created").GetInt64()
            + status.GetProperty("bypassed").EnumerateObject().Sum(reason => reason.Value.GetInt64());
        return new BoxLoad(decided, status.GetProperty("packets").GetProperty("failures").GetInt64());
    }
}
