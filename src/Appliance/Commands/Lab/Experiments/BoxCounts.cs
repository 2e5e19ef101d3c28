using System.Text.Json;
using Middlebox.Appliance.Control;
using Middlebox.Lab;

namespace Middlebox.Appliance.Commands.Lab.Experiments;

/// <summary>What a box has counted since it started.</summary>
/// <param name="Created">Contexts.</param>
/// <param name="Adopted">Connections that it acted on.</param>
/// <param name="SteppedOut">Connections that it let go because MPTCP answered: a capable server, or another box.</param>
internal sealed record BoxCounts(long Created, long Adopted, long SteppedOut)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Reads all boxes of a lab, each once it holds nothing that is undecided; in the topology's order.</summary>
    /// <exception cref="TimeoutException">A box goes on holding something.</exception>
    public static Task<BoxCounts[]> ReadSettledAsync(Laboratory lab, CancellationToken cancellation) =>
        Task.WhenAll(lab.Topology.Boxes.Select(box => ReadSettledAsync(lab[box.Host], cancellation)));

    /// <summary>What each box of a lab did between two readings.</summary>
    public static IReadOnlyList<BoxDecision> Difference(
        Laboratory lab, IReadOnlyList<BoxCounts> before, IReadOnlyList<BoxCounts> after) =>
    [
        .. lab.Topology.Boxes.Select((box, i) => new BoxDecision(
            box.Host,
            after[i].Created - before[i].Created,
            after[i].Adopted - before[i].Adopted,
            after[i].SteppedOut - before[i].SteppedOut)),
    ];

    private static async Task<BoxCounts> ReadSettledAsync(LabHost box, CancellationToken cancellation)
    {
        JsonElement contexts = default;
        await Condition.WaitAsync(
            async () =>
            {
                var status = await ControlClient.AskAsync(box.BoxControlSocket, ControlProtocol.Status, cancellation);
                contexts = JsonElement.Parse(status).GetProperty("contexts");
                return contexts.GetProperty("current").GetInt64() == 0;
            },
            Patience,
            $"{box.Name} has settled all its contexts",
            cancellation);
        var released = contexts.GetProperty("released");
        return new BoxCounts(
            contexts.GetProperty("created").GetInt64(),
            CountOf("adopted"),
            CountOf("serverCapable") + CountOf("otherProxyActed"));

        long CountOf(string reason) => released.TryGetProperty(reason, out var count) ? count.GetInt64() : 0;
    }
}
