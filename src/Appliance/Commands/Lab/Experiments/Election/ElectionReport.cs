namespace Middlebox.Appliance.Commands.Lab.Experiments.Election;

/// <summary>The results of the election, a line for each connection.</summary>
internal sealed class ElectionReport(IReadOnlyList<ElectionResult> results) : IExperimentReport
{
    public bool Holds => results.All(result => result.Holds);

    public object Json => results;

    public async Task WriteAsync(TextWriter output)
    {
        await output.WriteLineAsync("boxes  server   IP    from client to server, each: acted or stepped out");
        foreach (var result in results)
        {
            var boxes = string.Join("  ", result.Decisions.Select(decision =>
                $"{decision.Box}: {(decision.Acted > 0 ? "acted" : decision.SteppedOut > 0 ? "stepped out" : "nothing")}"));
            await output.WriteLineAsync(
                $"{result.Boxes,5}  {result.Server,-7}  {(result.IsIpv6 ? "v6" : "v4")}    {boxes}{(result.Holds ? "" : "   DOES NOT HOLD")}");
        }
    }
}
