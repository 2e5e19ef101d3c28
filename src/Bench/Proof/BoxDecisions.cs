using System.Text.Json;
using Middlebox.Lab;

namespace Middlebox.Bench.Proof;

/// <summary>What the appliance says of itself (<c>status --json</c>).</summary>
/// <param name="Adopted">Connections that it acted on and relayed.</param>
/// <param name="SteppedOut">Connections that it left to a capable server.</param>
internal readonly record struct BoxDecisions(long Adopted, long SteppedOut)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(40);

    /// <summary>Reads them once nothing is undecided.</summary>
    /// <exception cref="TimeoutException">The box goes on holding something.</exception>
    public static async Task<BoxDecisions> ReadSettledAsync(LabHost box, CancellationToken cancellation)
    {
        JsonElement contexts = default;
        await Condition.WaitAsync(
            async () =>
            {
                contexts = (await box.BoxStatusAsync(cancellation)).GetProperty("contexts");
                return contexts.GetProperty("current").GetInt64() == 0;
            },
            Patience,
            "the box has settled all its contexts",
            cancellation);
        var released = contexts.GetProperty("released");
        return new BoxDecisions(CountOf("adopted"), CountOf("serverCapable"));

        long CountOf(string reason) => released.TryGetProperty(reason, out var count) ? count.GetInt64() : 0;
    }

    public static BoxDecisions operator -(BoxDecisions later, BoxDecisions earlier) =>
        new(later.Adopted - earlier.Adopted, later.SteppedOut - earlier.SteppedOut);
}
