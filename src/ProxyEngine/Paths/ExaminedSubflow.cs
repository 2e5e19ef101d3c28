namespace Middlebox.ProxyEngine.Paths;

/// <summary>A subflow of a connection that is looked at closely.</summary>
/// <param name="Subflow">Its addresses and ports.</param>
/// <param name="Leg">What the kernel has counted of it.</param>
/// <param name="IsBackup">Whether it is used only when no other is left; false also if the kernel does not tell.</param>
public readonly record struct ExaminedSubflow(Subflow Subflow, LegReading Leg, bool IsBackup)
{
    internal static ExaminedSubflow Of(SubflowReading reading) =>
        new(reading.Subflow, reading.Leg, SubflowDiagnosis.IsBackup(reading.Subflow) ?? false);
}
