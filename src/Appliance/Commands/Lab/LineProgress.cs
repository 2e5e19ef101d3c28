namespace Middlebox.Appliance.Commands.Lab;

/// <summary>Writes each report as a line, at once and in order, which <see cref="Progress{T}"/> does not promise.</summary>
internal sealed class LineProgress(TextWriter output) : IProgress<string>
{
    public void Report(string value) => output.WriteLine($"{value} ...");
}
