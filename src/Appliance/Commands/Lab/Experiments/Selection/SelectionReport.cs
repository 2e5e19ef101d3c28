namespace Middlebox.Appliance.Commands.Lab.Experiments.Selection;

/// <summary>The results of the selection: a line for each case, a column for each box.</summary>
internal sealed class SelectionReport(IReadOnlyList<SelectionResult> results) : IExperimentReport
{
    public bool Holds => results.All(result => result.Holds);

    public object Json => results;

    public async Task WriteAsync(TextWriter output)
    {
        var name = results.Max(result => result.Name.Length);
        var topology = results.Max(result => result.Topology.Length);
        await output.WriteLineAsync("Contexts created in each box, from client to server, and connections that it acted on:");
        await output.WriteLineAsync();
        await output.WriteLineAsync($"{"case".PadRight(name)}  {"topology".PadRight(topology)}  connections  contexts  in each box");
        foreach (var result in results)
        {
            var boxes = string.Join("   ", result.Decisions.Select(box =>
                $"{box.Box}: {box.Contexts}{(box.Acted > 0 ? $", acted on {box.Acted}" : "")}"));
            var complaint = result.Holds ? "" : $"   DOES NOT HOLD: {result.Complaint}";
            await output.WriteLineAsync(
                $"{result.Name.PadRight(name)}  {result.Topology.PadRight(topology)}  {result.Load.Succeeded,11}  {result.Contexts,8}  {boxes}{complaint}");
        }
    }
}
